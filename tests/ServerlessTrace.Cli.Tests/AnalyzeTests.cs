using System.Text;
using System.Text.Json;

namespace ServerlessTrace.Cli.Tests;

public sealed class AnalyzeTests : IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Without_a_trace_id_every_trace_is_a_line_in_order_of_start()
    {
        string gateway = _logs.Write("gateway.log", Logs.Gateway);
        string payment = _logs.Write("payment.log", Logs.Payment);
        string auth = _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", $"{gateway},{payment},{auth}");

        Assert.Equal(string.Empty, result.Errors);
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Equal(["TRACE", "ID", "START", "(UTC)", "DURATION", "STATUS", "SPANS", "SERVICES", "ERRORS", "ROOT"], Words(lines[0]));
        Assert.Equal([Logs.Fine, "2026-02-26", "17:59:59.000", "100.000", "ms", "OK", "1", "1", "0", "auth-service:", "login"], Words(lines[1]));
        Assert.Equal([Logs.Failing, "2026-02-26", "18:00:00.000", "1.234", "s", "ERROR", "3", "2", "3", "api-gateway:", "request_received"], Words(lines[2]));
        Assert.Equal("2 trace(s), 1 failed; 4 span(s).", lines[3]);
        Assert.Equal(lines[0].IndexOf("ROOT", StringComparison.Ordinal), lines[1].IndexOf("auth-service:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_trace_id_the_report_of_that_trace_is_printed()
    {
        _logs.Write("gateway.log", Logs.Gateway);
        _logs.Write("payment.log", Logs.Payment);
        _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", _logs.Path, "--trace-id", Logs.Failing);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Trace ID: {Logs.Failing}", result.Output, StringComparison.Ordinal);
        Assert.Contains("process_payment", result.Output, StringComparison.Ordinal);
        Assert.Contains("PAYMENT_GATEWAY_TIMEOUT", result.Output, StringComparison.Ordinal);
        Assert.Contains("ord-789", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Logs.Fine, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task The_report_of_one_trace_can_be_markdown()
    {
        _logs.Write("gateway.log", Logs.Gateway);
        _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", _logs.Path, "--trace-id", Logs.Failing, "--format", "markdown");
        CommandResult many = await CommandLine.RunAsync("analyze", "--sources", _logs.Path, "--format", "markdown");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("# Distributed Trace Analysis\n", result.Output, StringComparison.Ordinal);
        Assert.Contains($"| Trace ID | `{Logs.Failing}` |", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, many.ExitCode);
        Assert.Contains("--trace-id", many.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upper_case_and_short_trace_ids_are_taken()
    {
        string log = _logs.Write("short.log", Logs.FineTrace[0].Replace(Logs.Fine, "abc123", StringComparison.Ordinal));

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", log, "--trace-id", "ABC123", "--format", "json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("00000000000000000000000000abc123", JsonDocument.Parse(result.Output).RootElement[0].GetProperty("traceId").GetString());
    }

    [Theory]
    [InlineData("auto", "18:00:00.000", "1.234", true)]
    [InlineData("start", "18:00:00.000", "1.234", false)]
    [InlineData("end", "17:59:58.766", "1.334", false)]
    public async Task What_the_only_time_of_a_record_is_may_be_said(string timestamp, string start, string seconds, bool warns)
    {
        string log = _logs.Write(
            "whole.ndjson",
            $$"""{"timestamp":"2026-02-26T18:00:00Z","service":"api-gateway","trace_id":"{{Logs.Fine}}","span_id":"00f067aa0ba902b7","span_name":"checkout","duration_ms":1234}""",
            $$"""{"timestamp":"2026-02-26T18:00:00.1Z","service":"payment-service","trace_id":"{{Logs.Fine}}","span_id":"b7ad6b7169203331","parent_span_id":"00f067aa0ba902b7","span_name":"process_payment","duration_ms":1000}""");

        CommandResult table = await CommandLine.RunAsync("analyze", "--sources", log, "--timestamp", timestamp);
        CommandResult json = await CommandLine.RunAsync("analyze", "--sources", log, "--timestamp", timestamp, "--format", "json");

        Assert.Equal([Logs.Fine, "2026-02-26", start, seconds, "s"], Words(table.Output.Split('\n')[1])[..5]);
        Assert.Equal(warns, json.Output.Contains("timestamp-is-start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_one_array_of_exactly_the_documented_shape()
    {
        _logs.Write("gateway.log", Logs.Gateway);
        _logs.Write("payment.log", Logs.Payment);
        _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", _logs.Path, "--format", "json");

        Assert.Equal(0, result.ExitCode);
        JsonElement traces = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal([Logs.Fine, Logs.Failing], traces.EnumerateArray().Select(each => each.GetProperty("traceId").GetString()));
        JsonElement trace = traces[1];
        AssertFields(
            trace,
            "traceId", "startTime", "durationMs", "status", "sealed", "revision", "root", "spanCount", "services", "spans", "criticalPath", "errors", "insights", "business", "warnings");
        Assert.Equal("2026-02-26T18:00:00.000000000Z", trace.GetProperty("startTime").GetString());
        Assert.Equal(1234.0, trace.GetProperty("durationMs").GetDouble());
        Assert.Equal("ERROR", trace.GetProperty("status").GetString());
        Assert.True(trace.GetProperty("sealed").GetBoolean());
        Assert.Equal(1, trace.GetProperty("revision").GetInt32());
        AssertJson("""{"service":"api-gateway","operation":"request_received","spanId":"c8be7c825a934b7d"}""", trace.GetProperty("root"));
        Assert.Equal(3, trace.GetProperty("spanCount").GetInt32());
        AssertJson(
            """[{"name":"api-gateway","spans":2,"errors":2,"selfTimeMs":154},{"name":"payment-service","spans":1,"errors":1,"selfTimeMs":1080}]""",
            trace.GetProperty("services"));
        AssertJson(
            """
            [{"spanId":"c8be7c825a934b7d","parentSpanId":null,"service":"api-gateway","name":"request_received","kind":"SERVER","startUnixNano":"1772128800000000000",
              "endUnixNano":"1772128801234000000","selfTimeNs":"134000000","status":"ERROR"},
             {"spanId":"1111111111111111","parentSpanId":"c8be7c825a934b7d","service":"api-gateway","name":"pay","kind":"CLIENT","startUnixNano":"1772128800100000000",
              "endUnixNano":"1772128801200000000","selfTimeNs":"20000000","status":"ERROR"},
             {"spanId":"b7ad6b7169203331","parentSpanId":"1111111111111111","service":"payment-service","name":"process_payment","kind":"SERVER","startUnixNano":"1772128800110000000",
              "endUnixNano":"1772128801190000000","selfTimeNs":"1080000000","status":"ERROR"}]
            """,
            trace.GetProperty("spans"));
        AssertJson(
            """
            {"mode":"strict",
             "sections":[{"spanId":"c8be7c825a934b7d","startUnixNano":"1772128801200000000","endUnixNano":"1772128801234000000"},
                         {"spanId":"1111111111111111","startUnixNano":"1772128801190000000","endUnixNano":"1772128801200000000"},
                         {"spanId":"b7ad6b7169203331","startUnixNano":"1772128800110000000","endUnixNano":"1772128801190000000"},
                         {"spanId":"1111111111111111","startUnixNano":"1772128800100000000","endUnixNano":"1772128800110000000"},
                         {"spanId":"c8be7c825a934b7d","startUnixNano":"1772128800000000000","endUnixNano":"1772128800100000000"}],
             "exclusive":[{"service":"payment-service","operation":"process_payment","ns":"1080000000"},
                          {"service":"api-gateway","operation":"request_received","ns":"134000000"},
                          {"service":"api-gateway","operation":"pay","ns":"20000000"}]}
            """,
            trace.GetProperty("criticalPath"));
        JsonElement[] errors = [.. trace.GetProperty("errors").EnumerateArray()];
        Assert.Equal(3, errors.Length);
        Assert.All(errors, error => AssertFields(error, "spanId", "service", "operation", "code", "message", "rootCause"));
        AssertJson(
            """{"spanId":"b7ad6b7169203331","service":"payment-service","operation":"process_payment","code":"PAYMENT_GATEWAY_TIMEOUT","message":"Payment gateway timeout after 1000ms","rootCause":true}""",
            Assert.Single(errors, error => error.GetProperty("rootCause").GetBoolean()));
        Assert.All(trace.GetProperty("insights").EnumerateArray(), insight => AssertFields(insight, "kind", "spanIds", "costMs", "text", "recommendation"));
        Assert.Equal("ord-789", trace.GetProperty("business").GetProperty("order_id").GetString());
        Assert.Equal(99.99, trace.GetProperty("business").GetProperty("amount").GetDouble());
        Assert.Empty(trace.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task Business_keys_may_be_others_than_the_usual_ones()
    {
        string log = _logs.Write(
            "shop.log",
            [$$$"""{"timestamp":"2026-02-26T18:00:00Z","service":"shop","trace_id":"{{{Logs.Fine}}}","span_id":"00f067aa0ba902b7","span_name":"buy","event":"span_end","duration_ms":100,"attributes":{"basketId":"b-1","basket.value":12.5,"order_id":"ord-1"}}"""]);

        CommandResult json = await CommandLine.RunAsync("analyze", "--sources", log, "--business-keys", "basket_value,basket_id", "--format", "json");
        CommandResult text = await CommandLine.RunAsync("analyze", "--sources", log, "--business-keys", "basket_value,basket_id", "--trace-id", Logs.Fine);

        AssertJson("""{"basket_value":12.5,"basket_id":"b-1"}""", JsonDocument.Parse(json.Output).RootElement[0].GetProperty("business"));
        Assert.Contains("Basket value: 12.5", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ord-1", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_that_start_together_are_ordered_by_id()
    {
        string[] ids = ["ffff", "0aaa", "9bbb"];
        string log = _logs.Write("same.log", [.. ids.Select(id => Logs.FineTrace[0].Replace(Logs.Fine, id, StringComparison.Ordinal))]);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", log, "--format", "json");

        string[] order = [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray().Select(trace => trace.GetProperty("traceId").GetString()![^4..])];
        Assert.Equal(["0aaa", "9bbb", "ffff"], order);
    }

    [Fact]
    public async Task An_output_file_that_ends_in_json_implies_json()
    {
        string log = _logs.Write("auth.log", Logs.FineTrace);

        CommandResult json = await CommandLine.RunAsync("analyze", "--sources", log, "--output", _logs["trace.json"]);
        CommandResult text = await CommandLine.RunAsync("analyze", "--sources", log, "--output", _logs["trace.txt"]);
        CommandResult explicitly = await CommandLine.RunAsync("analyze", "--sources", log, "--output", _logs["text.json"], "--format", "text");

        Assert.Equal((0, 0, 0), (json.ExitCode, text.ExitCode, explicitly.ExitCode));
        Assert.Equal(string.Empty, json.Output);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(_logs["trace.json"])).RootElement.GetArrayLength());
        Assert.StartsWith("TRACE ID", File.ReadAllText(_logs["trace.txt"]), StringComparison.Ordinal);
        Assert.StartsWith("TRACE ID", File.ReadAllText(_logs["text.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_a_source_among_others()
    {
        string gateway = _logs.Write("gateway.log", Logs.Gateway);

        CommandResult result = await CommandLine.RunAsync(
            ["analyze", "--sources", $"-,{gateway}", "--trace-id", Logs.Failing, "--format", "json"], Encoding.UTF8.GetBytes(Logs.Payment[0]));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, JsonDocument.Parse(result.Output).RootElement[0].GetProperty("spanCount").GetInt32());
    }

    [Theory]
    [InlineData("a.log,deep/b.json,deep/er/c.ndjson.gz", 3)]
    [InlineData(".", 3)]
    [InlineData("deep/", 2)]
    [InlineData("*.log", 1)]
    [InlineData("deep/?.json", 1)]
    [InlineData("**/*.json", 1)]
    [InlineData("**/*.gz,*.log", 2)]
    [InlineData("d*p/*/c.*", 1)]
    [InlineData("a.log,a.log,./a.log,*.log", 1)]
    public async Task Files_folders_and_patterns_are_sources(string sources, int traces)
    {
        string Trace(string id) => Logs.FineTrace[0].Replace(Logs.Fine, id, StringComparison.Ordinal);
        _logs.Write("a.log", Trace("a1"));
        _logs.Write("deep/b.json", $"[{Trace("b1")}]");
        _logs.Write("deep/er/empty", []);
        _logs.WriteGzip("deep/er/c.ndjson.gz", Trace("c1"));
        _logs.Write(".hidden.log", Trace("d1"));

        CommandResult result = await CommandLine.RunInAsync(_logs.Path, "analyze", "--sources", sources, "--format", "json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(traces, JsonDocument.Parse(result.Output).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Sources_may_be_separated_by_spaces_as_a_shell_expands_them()
    {
        string gateway = _logs.Write("gateway.log", Logs.Gateway);
        string auth = _logs.Write("auth,with comma.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", gateway, auth, "--format", "json");

        Assert.Equal(2, JsonDocument.Parse(result.Output).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Bad_lines_are_a_warning_and_the_rest_counts()
    {
        string log = _logs.Write("auth.log", "{\"trace_id\":\"4bf92f3577b34da6a3ce", Logs.FineTrace[0], "not json \u001b[31m at all");

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", log);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(Logs.Fine, result.Output, StringComparison.Ordinal);
        Assert.Contains("auth.log: 2 of 3 records could not be read", result.Errors, StringComparison.Ordinal);
        Assert.Contains("line 1:", result.Errors, StringComparison.Ordinal);
        Assert.Contains("line 3:", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Errors);
    }

    [Fact]
    public async Task A_source_that_is_missing_or_unreadable_is_a_warning_beside_good_ones()
    {
        string auth = _logs.Write("auth.log", Logs.FineTrace);
        File.WriteAllBytes(_logs["broken.gz"], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", $"{auth},{_logs["none.log"]},{_logs["broken.gz"]},{_logs["*.none"]}");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(Logs.Fine, result.Output, StringComparison.Ordinal);
        Assert.Contains("none.log: no such file", result.Errors, StringComparison.Ordinal);
        Assert.Contains("broken.gz", result.Errors, StringComparison.Ordinal);
        Assert.Contains("*.none: no file matches", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.log")]
    [InlineData("empty.log")]
    [InlineData("prose.log")]
    [InlineData("-")]
    public async Task Nothing_readable_is_exit_code_1(string source)
    {
        _logs.Write("empty.log", []);
        _logs.Write("prose.log", "Once upon a time", "there was no JSON.");

        CommandResult result = await CommandLine.RunInAsync(_logs.Path, "analyze", "--sources", source, "--output", "out.json");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
        Assert.Contains("error:", result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_logs["out.json"]));
    }

    [Fact]
    public async Task An_absent_trace_is_exit_code_1()
    {
        string log = _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", log, "--trace-id", Logs.Failing);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
        Assert.Contains($"trace {Logs.Failing} is not in these sources", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("analyze")]
    [InlineData("analyze", "--sources")]
    [InlineData("analyze", "--sources", "-", "--trace-id", "xyz")]
    [InlineData("analyze", "--sources", "-", "--trace-id", "00000000000000000000000000000000")]
    [InlineData("analyze", "--sources", "-", "--format", "yaml")]
    [InlineData("analyze", "--sources", "-", "--format", "pdf")]
    [InlineData("analyze", "--sources", "-", "--critical-path", "loose")]
    [InlineData("analyze", "--sources", "-", "--surprise")]
    [InlineData("analyse")]
    [InlineData]
    public async Task Wrong_usage_is_exit_code_2_and_says_so_on_standard_error(params string[] arguments)
    {
        CommandResult result = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
        Assert.Contains("--help", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_is_exit_code_2()
    {
        string log = _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", log, "--output", _logs["no/such/folder.json"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot be written", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("analyze", "--sources")]
    [InlineData("generate", "--spans")]
    [InlineData("upload", "--connection")]
    [InlineData("report", "--url")]
    public async Task Help_explains_a_verb_by_example(string verb, string option)
    {
        CommandResult result = await CommandLine.RunAsync(verb, "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(option, result.Output, StringComparison.Ordinal);
        Assert.Contains($"  serverlesstrace {verb} ", result.Output, StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void AssertFields(JsonElement element, params string[] names) =>
        Assert.Equal(names, element.EnumerateObject().Select(property => property.Name));

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, actual), actual.GetRawText());
}
