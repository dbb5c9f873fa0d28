using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Instrumentation.Http;

namespace ServerlessTrace.Cli.Tests;

/// <summary><c>generate-context</c> and <c>propagate</c>.</summary>
public sealed class ContextCommandTests : IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_context_is_written_in_every_form_that_it_travels_in()
    {
        CommandResult result = await CommandLine.RunAsync("generate-context", "--service", "payment-service", "--output", _folder["context.json"], "--correlation-id", "tx-123456");

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Errors));
        JsonNode context = JsonNode.Parse(await File.ReadAllTextAsync(_folder["context.json"]))!;
        string parent = (string)context["headers"]!["traceparent"]!;
        Assert.True(ActivityContext.TryParse(parent, null, out ActivityContext parsed));
        Assert.Equal((parsed.TraceId.ToHexString(), parsed.SpanId.ToHexString()), ((string)context["trace_id"]!, (string)context["span_id"]!));
        Assert.Equal(("tx-123456", parent, "payment-service", parent), (
            (string)context["headers"]!["X-Correlation-Id"]!, (string)context["envelope"]!["headers"]!["traceparent"]!,
            (string)context["environment"]!["OTEL_SERVICE_NAME"]!, (string)context["environment"]!["TRACEPARENT"]!));
        Assert.Contains($"traceparent='{parent}'", (string)context["sql_comment"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_yaml_is_the_references_configuration()
    {
        CommandResult result = await CommandLine.RunAsync("generate-context", "--service", "payment-service", "--sampling-ratio", "0.25");

        string[] lines = [.. result.Output.Split('\n').Select(line => line.TrimEnd())];
        foreach (string line in new[]
        {
            "tracing:", "  standard: \"W3C TraceContext\"", "    correlation_id: \"X-Correlation-Id\"", "    database: true", "    strategy: \"probability\"", "    rate: 0.25",
            "    decision_deferred: false", "      - span_error", "      - transaction_id",
        })
        {
            Assert.Contains(line, lines);
        }
    }

    [Fact]
    public async Task Environment_variables_can_be_sourced()
    {
        CommandResult result = await CommandLine.RunAsync("generate-context", "--service", "batch", "--format", "env");

        Assert.Equal(["OTEL_SERVICE_NAME", "TRACEPARENT", "BAGGAGE", "CORRELATION_ID", "REQUEST_ID"], result.Output.Trim().Split('\n').Select(line => line.Split('=')[0]));
    }

    [Theory]
    [InlineData("--sampling-ratio", "1.1")]
    [InlineData("--sampling-ratio", "-1")]
    [InlineData("--correlation-id", "two words")]
    [InlineData("--format", "xml")]
    public async Task What_makes_no_sense_is_refused(string option, string value) =>
        Assert.Equal(2, (await CommandLine.RunAsync("generate-context", "--service", "s", option, value)).ExitCode);

    [Fact]
    public async Task Propagate_shows_what_was_sent_and_returned_and_pads_short_ids()
    {
        HeaderDictionary? received = null;
        await using WebApplication target = await StartAsync(request => received = new HeaderDictionary(request.Headers.ToDictionary()), withContext: true);

        CommandResult result = await CommandLine.RunAsync("propagate", "--trace-id", "ABC123", "--span-id", "def456", "--target", target.Urls.First(), "--correlation-id", "tx-1");

        string parent = $"00-{"abc123".PadLeft(32, '0')}-{"def456".PadLeft(16, '0')}-01";
        Assert.Equal((0, string.Empty), (result.ExitCode, result.Errors));
        Assert.Equal((parent, "tx-1"), (received!["traceparent"].ToString(), received["X-Correlation-Id"].ToString()));
        Assert.Contains($"> traceparent: {parent}", result.Output, StringComparison.Ordinal);
        Assert.Contains("< 200 OK", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok: X-Correlation-Id is returned as sent", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Correlation-Id", "other")]
    [InlineData("traceparent", "00-11111111111111111111111111111111-1111111111111111-01")]
    [InlineData("traceresponse", "nonsense")]
    public async Task A_service_that_answers_with_another_context_is_an_error(string header, string value)
    {
        await using WebApplication target = await StartAsync(request => request.HttpContext.Response.Headers[header] = value);

        CommandResult result = await CommandLine.RunAsync("propagate", "--trace-id", "1", "--span-id", "1", "--target", target.Urls.First());

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"error: {header} ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xyz", "1", "http://127.0.0.1:1", 2)]
    [InlineData("1", "def45g", "http://127.0.0.1:1", 2)]
    [InlineData("0", "1", "http://127.0.0.1:1", 2)]
    [InlineData("1", "1", "ftp://127.0.0.1", 2)]
    [InlineData("1", "1", "http://127.0.0.1:1", 1)]
    public async Task Ids_that_are_none_are_refused_and_a_target_that_is_not_there_is_an_error(string trace, string span, string target, int exitCode) =>
        Assert.Equal(exitCode, (await CommandLine.RunAsync("propagate", "--trace-id", trace, "--span-id", span, "--target", target)).ExitCode);

    private static async Task<WebApplication> StartAsync(Action<HttpRequest> seen, bool withContext = false)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddTraceContext();
        WebApplication app = builder.Build();
        if (withContext)
        {
            app.UseTraceContext();
        }

        app.MapGet("/", (HttpRequest request) =>
        {
            seen(request);
            return "fine";
        });
        await app.StartAsync();
        return app;
    }
}
