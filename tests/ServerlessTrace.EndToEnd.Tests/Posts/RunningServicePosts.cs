using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What senders do and see.</summary>
internal static class RunningServicePosts
{
    public static Task<HttpResponseMessage> PostAsync(this RunningService service, string path, string body, string contentType = "application/json") =>
        service.PostAsync(path, Encoding.UTF8.GetBytes(body), contentType);

    public static async Task<HttpResponseMessage> PostAsync(
        this RunningService service, string path, byte[] body, string? contentType = "application/json", string coding = "")
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (coding.Length > 0)
        {
            content.Headers.ContentEncoding.Add(coding);
        }

        return await service.Http.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    /// <summary>The receipt at the URL that an acknowledgement named: it is there at once.</summary>
    public static async Task<JsonObject> ReceiptAtAsync(this RunningService service, Uri url)
    {
        using HttpResponseMessage response = await service.Http.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    public static Task<int> NothingOpenAsync(this RunningService service) => Eventually.GetAsync(
        async () => (int)(await service.GetJsonAsync("api/health"))["openChunks"]!, open => open == 0, "Everything sealed");

    public static async Task AssertProblemAsync(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonObject problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal(status, (int)problem["status"]!);
        Assert.NotEmpty((string)problem["detail"]!);
    }
}
