using System.CommandLine;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Cli.Validation;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>validate</c>: what traces lack, and what of the logs cannot be read.</summary>
internal static class ValidateCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Reads logs of every format as analyze and the service do, and says, by sender, what cannot be read,
        what the traces warn of, and what they lack, with the fix. Exit code 1 if there is an error, or
        nothing can be read; warnings alone are fine. Give it the logs of all services together: one alone
        seems to have no parents.

        Examples:
          serverlesstrace validate app.log
          serverlesstrace validate logs/ --format json

        """;

    private const int RejectionsKept = 1_000;

    private static readonly Argument<string[]> Files = new("FILES")
    {
        Description = "Files of any format, folders and patterns, and - for standard input, as for analyze --sources.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Format = new("--format", "-f") { Description = "How to print it.", DefaultValueFactory = _ => ResultFormat.Text };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong(ResultFormat.Text, ResultFormat.Json);
        var command = new Command("validate", "Say what logs lack for good traces, by sender.") { Files, Format };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new SourceList(parsed.GetRequiredValue(Files));
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"warning: {missing}");
        }

        var senders = new FindingsBySender();
        SourceReading reading = await ProgressLine.WhileAsync("Reading", async at =>
        {
            var reading = new SourceReading(TextWriter.Null, at, rejectionsKept: RejectionsKept);
            var lint = new SourceLint(senders, reading.Batch);
            await reading.ReadRecordsAsync(list.Sources, lint.Read, cancellationToken);
            return reading;
        });
        SourceLint.Count(senders, reading.Batch);
        IReadOnlyList<TraceRange> ranges = new SpanMerger().Merge(reading.Batch);
        new TraceLint(senders, reading.Batch).Read(ranges);
        new SpanLint(senders, reading.Batch).Read();
        if (senders.All.Count == 0)
        {
            await Console.Error.WriteLineAsync("error: nothing could be read. Span logs are JSON records with trace_id and span_id.");
            return ExitCode.Nothing;
        }

        if (parsed.GetValue(Format) == ResultFormat.Json)
        {
            await ResultOutput.WriteAsync(null, output => Task.Run(() => LintReport.WriteJson(output, senders), cancellationToken));
        }
        else
        {
            LintReport.WriteText(Console.Out, senders);
        }

        return reading.Records == 0 || senders.All.Any(sender => sender.HasErrors) ? ExitCode.Nothing : ExitCode.Fine;
    }
}
