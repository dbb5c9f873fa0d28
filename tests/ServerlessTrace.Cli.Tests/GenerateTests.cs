using System.Text;
using System.Text.Json;

namespace ServerlessTrace.Cli.Tests;

public sealed class GenerateTests : IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Generated_spans_are_analyzed_as_complete_traces()
    {
        CommandResult generated = await CommandLine.RunAsync("generate", "--spans", "2000", "--seed", "5");
        CommandResult analyzed = await CommandLine.RunAsync(["analyze", "--sources", "-", "--format", "json"], Encoding.UTF8.GetBytes(generated.Output));

        Assert.Equal((0, 0), (generated.ExitCode, analyzed.ExitCode));
        Assert.Equal(string.Empty, analyzed.Errors);
        JsonElement[] traces = [.. JsonDocument.Parse(analyzed.Output).RootElement.EnumerateArray()];
        Assert.Equal(2000, traces.Sum(trace => trace.GetProperty("spanCount").GetInt32()));
        Assert.All(traces, trace => Assert.Empty(trace.GetProperty("warnings").EnumerateArray()));
        Assert.All(traces, trace => Assert.NotEqual("INCOMPLETE", trace.GetProperty("status").GetString()));
        Assert.Contains(traces, trace => trace.GetProperty("status").GetString() == "ERROR");
    }

    [Theory]
    [InlineData("otlp")]
    [InlineData("otlp-protobuf")]
    public async Task The_same_traces_come_in_every_format(string format)
    {
        await CommandLine.RunAsync("generate", "--spans", "500", "--output", _logs["load.ndjson"]);
        await CommandLine.RunAsync("generate", "--spans", "500", "--format", format, "--output", _logs["load.otlp"]);
        CommandResult spanLogs = await CommandLine.RunAsync("analyze", "--sources", _logs["load.ndjson"]);
        CommandResult otlp = await CommandLine.RunAsync("analyze", "--sources", _logs["load.otlp"]);

        Assert.Equal((0, string.Empty), (otlp.ExitCode, otlp.Errors));
        Assert.Equal(spanLogs.Output, otlp.Output);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_file_and_the_start_is_kept()
    {
        string[] options = ["generate", "--spans", "300", "--seed", "9", "--start", "2031-05-06T07:08:09Z"];
        CommandResult first = await CommandLine.RunAsync([.. options, "--output", _logs["first.ndjson"]]);
        CommandResult second = await CommandLine.RunAsync(options);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(string.Empty, first.Output);
        Assert.Contains("300 spans", first.Errors, StringComparison.Ordinal);
        Assert.Equal(second.Output, File.ReadAllText(_logs["first.ndjson"]));
        Assert.StartsWith("{\"timestamp\":\"2031-05-06T07:08:09.", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Split_by_service_gives_the_same_traces_from_a_folder_of_files()
    {
        CommandResult split = await CommandLine.RunAsync("generate", "--spans", "800", "--split-by-service", "--output", _logs["load"]);
        CommandResult whole = await CommandLine.RunAsync("generate", "--spans", "800", "--output", _logs["load.ndjson"]);
        CommandResult fromFolder = await CommandLine.RunAsync("analyze", "--sources", _logs["load"], "--format", "json");
        CommandResult fromFile = await CommandLine.RunAsync("analyze", "--sources", _logs["load.ndjson"], "--format", "json");

        Assert.Equal((0, 0, 0, 0), (split.ExitCode, whole.ExitCode, fromFolder.ExitCode, fromFile.ExitCode));
        Assert.Contains(_logs["load/payment-service.ndjson"], Directory.GetFiles(_logs["load"]));
        Assert.Equal(fromFile.Output, fromFolder.Output);
    }

    [Theory]
    [InlineData("generate")]
    [InlineData("generate", "--spans", "0")]
    [InlineData("generate", "--spans", "many")]
    [InlineData("generate", "--spans", "5", "--format", "zipkin")]
    [InlineData("generate", "--spans", "5", "--start", "yesterday-ish")]
    [InlineData("generate", "--spans", "5", "--split-by-service")]
    public async Task Wrong_usage_is_exit_code_2(params string[] arguments)
    {
        CommandResult result = await CommandLine.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(string.Empty, result.Output);
        Assert.Contains("generate --help", result.Errors, StringComparison.Ordinal);
    }
}
