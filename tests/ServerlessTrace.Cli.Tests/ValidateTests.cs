using System.Text.Json.Nodes;

namespace ServerlessTrace.Cli.Tests;

public sealed class ValidateTests : IDisposable
{
    private const string Ids = """ "trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"GET /orders/{id}","span_kind":"SERVER","environment":"test","attributes":{"order_id":"1"} """;
    private const string Head = $$""" "timestamp":"2026-02-26T18:00:00.5Z","service":"shop",{{Ids}} """;
    private const string Start = $$"""{ {{Head}},"event":"span_start" }""";
    private const string End = $$"""{ {{Head}},"event":"span_end","duration_ms":1.5,"status":"OK" }""";

    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Logs_as_they_should_be_are_fine()
    {
        _logs.Write("shop.log", $"{Start}\n{End}\n");

        CommandResult result = await CommandLine.RunAsync("validate", _logs.Path);

        Assert.Equal((0, string.Empty, "shop: 2 record(s), 1 span(s)\n  fine\n"), (result.ExitCode, result.Errors, result.Output.ReplaceLineEndings("\n")));
    }

    [Theory]
    [InlineData("unreadable", "text", 1)]
    [InlineData("rejected", """{"timestamp":"2026-02-26T18:00:00.5Z","service":"shop","trace_id":"00000000000000000000000000000000","span_id":"b7ad6b7169203331","span_name":"x","event":"span_start"}""", 1)]
    [InlineData("missing-service", $$"""{"timestamp":"2026-02-26T18:00:00.5Z",{{Ids}},"event":"span_end","duration_ms":1,"status":"OK"}""", 0)]
    [InlineData("no-start", $$"""{ {{Head}},"event":"span_end","status":"OK" }""", 1)]
    [InlineData("no-error-reason", $$"""{ {{Head}},"event":"span_end","duration_ms":1,"status":"ERROR" }""", 0)]
    [InlineData("no-span-end", Start, 1)]
    [InlineData("missing-parent", $$"""{ {{Head}},"parent_span_id":"1111111111111111","event":"span_end","duration_ms":1,"status":"OK" }""", 1)]
    [InlineData("secret", $$"""{ {{Head}},"password":"hunter2hunter2","event":"span_end","duration_ms":1,"status":"OK" }""", 0)]
    [InlineData("id-in-span-name", """{"timestamp":"2026-02-26T18:00:00.5Z","service":"shop","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"GET /orders/7","span_kind":"SERVER","event":"span_end","duration_ms":1,"status":"OK"}""", 0)]
    [InlineData("no-business-ids", """{"timestamp":"2026-02-26T18:00:00.5Z","service":"shop","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"x","event":"span_end","duration_ms":1,"status":"OK"}""", 0)]
    [InlineData("no-span-kind", """{"timestamp":"2026-02-26T18:00:00.5Z","service":"shop","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"x","event":"span_end","duration_ms":1,"status":"OK"}""", 0)]
    [InlineData("no-environment", """{"timestamp":"2026-02-26T18:00:00.5Z","service":"shop","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","span_name":"x","event":"span_end","duration_ms":1,"status":"OK"}""", 0)]
    public async Task Each_shortcoming_is_found_with_its_fix(string rule, string line, int exitCode)
    {
        _logs.Write("shop.log", line);

        CommandResult result = await CommandLine.RunAsync("validate", _logs["shop.log"], "--format", "json");

        JsonNode[] findings = [.. JsonNode.Parse(result.Output)!.AsArray().SelectMany(sender => sender!["findings"]!.AsArray()).OfType<JsonNode>()];
        JsonNode finding = findings.First(finding => (string)finding["rule"]! == rule);
        Assert.True(((string)finding["fix"]!).Length > 20);
        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public async Task Whole_seconds_and_a_context_that_nobody_goes_on_with_are_told_to_whose_they_are()
    {
        string Span(string service, string trace, string span, string kind) =>
            $$"""{"timestamp":"2026-02-26T18:00:00Z","service":"{{service}}","trace_id":"{{trace}}","span_id":"{{span}}","span_name":"x","span_kind":"{{kind}}","environment":"t","event":"span_end","duration_ms":1,"status":"OK","attributes":{"order_id":"1"} }""" + "\n";
        _logs.Write("a.log", Span("gateway", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "SERVER")
            + Span("gateway", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203332", "CLIENT").Replace("\"span_kind\"", "\"parent_span_id\":\"b7ad6b7169203331\",\"span_kind\"", StringComparison.Ordinal));
        _logs.Write("b.log", Span("payment", "11111111111111111111111111111111", "b7ad6b7169203333", "SERVER"));

        CommandResult result = await CommandLine.RunAsync("validate", _logs.Path);

        string[] senders = result.Output.Split("payment: ");
        Assert.Contains("coarse-timestamps", senders[0], StringComparison.Ordinal);
        Assert.DoesNotContain("context-not-continued", senders[0], StringComparison.Ordinal);
        Assert.Contains("context-not-continued", senders[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arrays_over_several_lines_and_standard_input_are_read_too()
    {
        byte[] input = System.Text.Encoding.UTF8.GetBytes($"[\n{Start},\n{End}\n]");

        CommandResult result = await CommandLine.RunAsync(["validate", "-"], input);

        Assert.Equal((0, "shop: 2 record(s), 1 span(s)\n  fine\n"), (result.ExitCode, result.Output.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task Generated_load_has_no_errors_but_those_it_was_made_with()
    {
        string log = _logs["load.ndjson"];
        await CommandLine.RunAsync("generate", "--spans", "500", "--output", log);

        CommandResult result = await CommandLine.RunAsync("validate", log, "--format", "json");

        string[] rules = [.. JsonNode.Parse(result.Output)!.AsArray().SelectMany(sender => sender!["findings"]!.AsArray()).Where(finding => (string)finding!["severity"]! == "error").Select(finding => (string)finding!["rule"]!)];
        Assert.Empty(rules);
    }

    [Theory]
    [InlineData("""{"timestamp":"2026-02-26 18:00:00.5","serviceName":"shop","traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7","name":"x","kind":"server","environment":"t","order_id":"1","event":"span_end","duration_ms":1}""")]
    [InlineData("""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"deployment.environment.name","value":{"stringValue":"t"}}]},"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"x","kind":2,"startTimeUnixNano":"1772128800000000001","endTimeUnixNano":"1772128800000000002","attributes":[{"key":"order_id","value":{"stringValue":"1"}}]}]}]}]}""")]
    public async Task Every_spelling_and_format_that_is_read_is_fine(string content)
    {
        _logs.Write("a.log", content);

        CommandResult result = await CommandLine.RunAsync("validate", _logs.Path);

        Assert.Equal((0, "shop: 1 record(s), 1 span(s)\n  fine\n"), (result.ExitCode, result.Output.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task Rejections_are_repeated_with_their_line_and_warnings_with_their_trace()
    {
        _logs.Write("shop.log", $$"""
            {{End}}
            {"trace_id":"0af7651916cd43dd8448eb211c80319c"
            { {{Head.Replace("b7ad6b7169203331", "b7ad6b7169203332", StringComparison.Ordinal)}},"event":"span_end","start_time":"2026-02-26T18:00:01.5Z","status":"OK"}
            """);

        CommandResult result = await CommandLine.RunAsync("validate", _logs["shop.log"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("shop.log:2:", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning end-before-start", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("shop: 2 record(s), 2 span(s)\n", result.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("""{"traceEvents":[]}""")]
    [InlineData("""{"resourceMetrics":[]}""")]
    public async Task What_analyze_reads_nothing_of_is_exit_code_1_here_too(string content)
    {
        _logs.Write("a.log", content);

        Assert.Equal(1, (await CommandLine.RunAsync("analyze", "--sources", _logs["a.log"])).ExitCode);
        Assert.Equal(1, (await CommandLine.RunAsync("validate", _logs["a.log"])).ExitCode);
    }

    [Fact]
    public async Task Nothing_readable_is_exit_code_1() => Assert.Equal(1, (await CommandLine.RunAsync("validate", _logs["none.log"])).ExitCode);
}
