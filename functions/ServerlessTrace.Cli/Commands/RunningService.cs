using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Cli.Commands;

/// <summary>Where a running service is, and how it is asked. The key goes in a header, never in an address.</summary>
internal static class RunningService
{
    private const string UrlVariable = "SERVERLESSTRACE_URL";
    private const string KeyVariable = "SERVERLESSTRACE_KEY";

    /// <summary>Where the service runs.</summary>
    public static readonly Setting Url = new(
        new Option<string?>("--url") { Description = $"Where the service runs, such as http://localhost:7071. Default: the environment variable {UrlVariable}." },
        UrlVariable);

    /// <summary>The function key.</summary>
    public static readonly Setting Key = new(
        new Option<string?>("--key") { Description = $"The function key. Default: the environment variable {KeyVariable}." },
        KeyVariable);

    /// <summary>Says so if it is not known where the service runs.</summary>
    public static void Validate(CommandResult result)
    {
        if (!IsHttp(Url.Of(result)))
        {
            result.AddError($"Say where the service runs: --url http://HOST:PORT, or set {UrlVariable}.");
        }
    }

    /// <summary>Whether a text is an absolute HTTP or HTTPS address.</summary>
    public static bool IsHttp(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);

    /// <summary>A client that sends the key; paths are relative to the service.</summary>
    public static HttpClient Connect(ParseResult parsed)
    {
        // The key would go along to wherever a redirect leads.
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"{Url.Of(parsed)!.TrimEnd('/')}/"),
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (Key.Of(parsed) is { } key)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("x-functions-key", key);
        }

        return client;
    }

    /// <summary>Asks the service. Where it does not answer or refuses, says why on standard error and returns null.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">The path and query, such as <c>api/traces</c>.</param>
    /// <param name="mediaType">The representation to ask for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<byte[]?> GetAsync(ParseResult parsed, string path, string mediaType, CancellationToken cancellationToken)
    {
        using HttpClient client = Connect(parsed);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadAsByteArrayAsync(cancellationToken);
            }

            await Console.Error.WriteLineAsync($"error: {await ReasonAsync(response, cancellationToken)}");
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"error: {Url.Of(parsed)} does not answer: {problem.Message}");
        }

        return null;
    }

    /// <summary>What the service says of the failure (RFC 9457), or what its status means.</summary>
    public static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Headers.Location is { } elsewhere && (int)response.StatusCode is >= 300 and < 400)
        {
            return $"the service redirects to {PlainText.Line(elsewhere.OriginalString, 300)}, where the key was not sent: if it is there, give that address with --url.";
        }

        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return "the service refuses the key; give its function key with --key.";
        }

        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            if (problem.RootElement.ValueKind == JsonValueKind.Object
                && (problem.RootElement.TryGetProperty("detail", out JsonElement text) || problem.RootElement.TryGetProperty("title", out text)))
            {
                return PlainText.Line(text.ToString(), 500);
            }
        }
        catch (JsonException)
        {
            // Not problem details: the status has to do.
        }

        return response.StatusCode == HttpStatusCode.NotFound ? "the service does not know this trace." : $"the service answers {(int)response.StatusCode}.";
    }
}
