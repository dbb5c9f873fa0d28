using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>report</c>: asks a running service for the report of a trace.</summary>
internal static class ReportCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        The trace can be asked for as soon as its spans have arrived, sealed or not.

        Examples:
          serverlesstrace report 0af7651916cd43dd8448eb211c80319c --url http://localhost:7071 --key KEY

        """;

    private const string UrlVariable = "SERVERLESSTRACE_URL";
    private const string KeyVariable = "SERVERLESSTRACE_KEY";

    private static readonly Argument<TraceId> Id = new("ID")
    {
        Description = "The trace: up to 32 hex digits.",
        CustomParser = result =>
        {
            if (!TraceId.TryParse(result.Tokens[0].Value, out TraceId id))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no trace id: 1 to 32 hex digits, not all zero.");
            }

            return id;
        },
    };

    private static readonly Setting Url = new(
        new Option<string?>("--url") { Description = $"Where the service runs, such as http://localhost:7071. Default: the environment variable {UrlVariable}." },
        UrlVariable);

    private static readonly Setting Key = new(
        new Option<string?>("--key") { Description = $"The function key. Default: the environment variable {KeyVariable}." },
        KeyVariable);

    private static readonly Option<string?> Format = ResultFormat.Option("How to print it. Default: text.");

    public static Command Create()
    {
        var command = new Command(
            "report",
            "Print the report of a trace that a running service has assembled.")
        {
            Id, Url.Option, Key.Option, Format,
        };
        command.Validators.Add(result =>
        {
            if (!Uri.TryCreate(Url.Of(result), UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            {
                result.AddError($"Say where the service runs: --url http://HOST:PORT, or set {UrlVariable}.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Url.Of(parsed)!.TrimEnd('/')}/api/traces/{parsed.GetValue(Id)}/report");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(parsed.GetValue(Format) switch
        {
            ResultFormat.Json => "application/json",
            ResultFormat.Markdown => "text/markdown",
            ResultFormat.Html => "text/html",
            _ => "text/plain",
        }));
        if (Key.Of(parsed) is { } key)
        {
            request.Headers.TryAddWithoutValidation("x-functions-key", key);
        }

        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                byte[] report = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                return await ResultOutput.WriteAsync(null, output => output.WriteAsync(report, cancellationToken).AsTask());
            }

            await Console.Error.WriteLineAsync($"error: {await ReasonAsync(response, cancellationToken)}");
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"error: {Url.Of(parsed)} does not answer: {problem.Message}");
        }

        return ExitCode.Nothing;
    }

    /// <summary>What the service says of the failure (RFC 9457), or what its status means.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
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
