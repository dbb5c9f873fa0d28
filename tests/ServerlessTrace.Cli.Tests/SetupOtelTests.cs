namespace ServerlessTrace.Cli.Tests;

/// <summary>What <c>setup-otel</c> writes; that it runs is tested end to end.</summary>
public sealed class SetupOtelTests : IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Combinations
    {
        get
        {
            var combinations = new TheoryData<string, string>();
            foreach (string language in new[] { "dotnet", "nodejs", "python", "java", "go" })
            {
                foreach (string exporter in new[] { "serverlesstrace", "otlp", "jaeger", "zipkin", "console" })
                {
                    combinations.Add(language, exporter);
                }
            }

            return combinations;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Files_are_whole_and_say_where_spans_go_how_many_and_from_whom(string language, string exporter)
    {
        CommandResult result = await CommandLine.RunAsync(
            "setup-otel", "--language", language, "--exporter", exporter, "--sampling-ratio", "0.25", "--service", "shop-1", "--output", _folder["out"]);

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Errors));
        string all = string.Join('\n', Directory.GetFiles(_folder["out"]).Select(File.ReadAllText));
        Assert.DoesNotContain("{{", all, StringComparison.Ordinal);
        Assert.Contains("shop-1", all, StringComparison.Ordinal);
        Assert.Contains("0.25", all, StringComparison.Ordinal);
        Assert.Contains("parentbased_traceidratio", all, StringComparison.Ordinal);
        Assert.Contains("instrument", all, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            exporter switch { "serverlesstrace" => "http://localhost:7071", "zipkin" => "http://localhost:9411/api/v2/spans", "console" => language == "java" ? "logging-otlp" : "console", _ => "http://localhost:4318" },
            all,
            StringComparison.Ordinal);
        Assert.Equal(exporter == "serverlesstrace", all.Contains("x-functions-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_that_are_there_are_replaced_only_when_asked_to()
    {
        string[] arguments = ["setup-otel", "--language", "go", "--output", _folder["out"]];
        await CommandLine.RunAsync(arguments);
        await File.WriteAllTextAsync(Path.Join(_folder["out"], "tracing.go"), "mine");

        CommandResult refused = await CommandLine.RunAsync(arguments);
        Assert.Equal((2, "mine"), (refused.ExitCode, await File.ReadAllTextAsync(Path.Join(_folder["out"], "tracing.go"))));

        Assert.Equal(0, (await CommandLine.RunAsync([.. arguments, "--force"])).ExitCode);
        Assert.StartsWith("package main", await File.ReadAllTextAsync(Path.Join(_folder["out"], "tracing.go")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--language", "cobol")]
    [InlineData("--exporter", "fax")]
    [InlineData("--service", "\"); import os")]
    [InlineData("--environment", "a\nb")]
    [InlineData("--url", "nowhere")]
    public async Task What_makes_no_sense_is_refused(string option, string value)
    {
        string[] language = option == "--language" ? [] : ["--language", "go"];

        Assert.Equal(2, (await CommandLine.RunAsync(["setup-otel", .. language, option, value, "--output", _folder["out"]])).ExitCode);
        Assert.False(Directory.Exists(_folder["out"]));
    }
}
