using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
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

    /// <summary>The receipt at a URL, once it is written.</summary>
    public static async Task<JsonObject> ReceiptAtAsync(this RunningService service, Uri url)
    {
        string json = await Eventually.GetAsync(
            async () =>
            {
                using HttpResponseMessage response = await service.Http.GetAsync(url);
                return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync() : string.Empty;
            },
            json => json.Length > 0,
            $"A receipt at {url}");
        return JsonNode.Parse(json)!.AsObject();
    }

    /// <summary>Waits until every group was taken in and its blob is gone.</summary>
    public static Task NothingPostedLeftAsync(this RunningService service) => Eventually.GetAsync(
        async () =>
        {
            int count = 0;
            await foreach (BlobItem _ in new BlobServiceClient(service.ConnectionString).GetBlobContainerClient("posted").GetBlobsAsync())
            {
                count++;
            }

            return count;
        },
        count => count == 0,
        "Every posted group taken in");

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
