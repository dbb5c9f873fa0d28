using System.CommandLine;
using System.Text;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Comparison;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>compare</c>: what is different between two traces, of files or of a running service.</summary>
internal static class CompareCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        With --sources both traces are read from files, otherwise a running service is asked.

        Examples:
          serverlesstrace compare 0af7651916cd43dd8448eb211c80319c c0ffee11d2e34f5a6b7c8d9e0f1a2b3c --sources logs/
          serverlesstrace compare 0af7651916cd43dd8448eb211c80319c c0ffee11d2e34f5a6b7c8d9e0f1a2b3c --url http://localhost:7071 --key KEY

        """;

    private static readonly Argument<TraceId> First = TraceIdArgument.Of("FIRST", "The trace to start from: up to 32 hex digits.");
    private static readonly Argument<TraceId> Second = TraceIdArgument.Of("SECOND", "The trace to hold against it.");
    private static readonly Option<string[]> Sources = SourceOption.Create(required: false);

    private static readonly Option<string?> Format = ResultFormat.Option(
        "text, json or markdown. Default: text, or what the name of --output implies.", ResultFormat.Text, ResultFormat.Json, ResultFormat.Markdown);

    public static Command Create()
    {
        var command = new Command("compare", "Print what is different between two traces: what became slower, and which calls only one of them makes.")
        {
            First, Second, Sources, RunningService.Url.Option, RunningService.Key.Option, AnalyzeCommand.Path, AnalyzeCommand.Timestamp, Format, AnalyzeCommand.OutputFile,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Sources) is null)
            {
                RunningService.Validate(result);
            }

            if (result.GetResult(Format) is null)
            {
                ResultFormat.Validate(result, ResultFormat.OfFile(result.GetValue(AnalyzeCommand.OutputFile)), ResultFormat.Text, ResultFormat.Json, ResultFormat.Markdown);
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? file = parsed.GetValue(AnalyzeCommand.OutputFile);
        string format = parsed.GetValue(Format) ?? ResultFormat.OfFile(file) ?? ResultFormat.Text;
        if (parsed.GetValue(Sources) is { Length: > 0 } sources)
        {
            return await CompareFilesAsync(parsed, sources, format, file, cancellationToken);
        }

        string path = $"api/traces/{parsed.GetValue(First)}/comparison/{parsed.GetValue(Second)}?criticalPath={parsed.GetValue(AnalyzeCommand.Path)}";
        return await RunningService.GetAsync(parsed, path, ResultFormat.MediaType(format), cancellationToken) is { } comparison
            ? await ResultOutput.WriteAsync(file, output => output.WriteAsync(comparison, cancellationToken).AsTask())
            : ExitCode.Nothing;
    }

    private static async Task<int> CompareFilesAsync(ParseResult parsed, string[] sources, string format, string? file, CancellationToken cancellationToken)
    {
        (SourceReading reading, IReadOnlyList<TraceRange> ranges) = await SourceReading.OfAsync(sources, AnalyzeCommand.TimestampOf(parsed), cancellationToken);
        var analyses = new List<TraceAnalysis>();
        foreach (TraceId id in new[] { parsed.GetValue(First), parsed.GetValue(Second) })
        {
            if (!ranges.Any(range => range.TraceId == id))
            {
                await Console.Error.WriteLineAsync($"error: trace {id} is not in these sources, which hold {ranges.Count} other trace(s).");
                return ExitCode.Nothing;
            }

            var trace = new Trace(reading.Batch, ranges.First(range => range.TraceId == id));
            analyses.Add(new TraceAnalysis(trace, AnalyzeCommand.OptionsOf(parsed)));
        }

        var comparison = new TraceComparison(analyses[0], analyses[1]);
        return await ResultOutput.WriteAsync(file, output => WriteAsync(output, comparison, format));
    }

    private static async Task WriteAsync(Stream output, TraceComparison comparison, string format)
    {
        if (format == ResultFormat.Json)
        {
            ComparisonJson.Write(output, comparison);
            output.WriteByte((byte)'\n');
            return;
        }

        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        if (format == ResultFormat.Markdown)
        {
            ComparisonMarkdown.Write(text, comparison);
        }
        else
        {
            ComparisonText.Write(text, comparison);
        }
    }
}
