using System.CommandLine;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Cli.Validation;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>validate</c>: what span logs lack for good traces.</summary>
internal static class ValidateCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Checks every record against the span-log schema, and the traces that they make, and says what is
        missing, by sender, with the fix. Exit code 1 if there is an error; warnings alone are fine.
        Give it the logs of all services together: one alone seems to have no parents.

        Examples:
          serverlesstrace validate app.log
          serverlesstrace validate logs/ --format json

        """;

    private static readonly Argument<string[]> Files = new("FILES")
    {
        Description = "Files of JSON, as lines or otherwise, folders and patterns, and - for standard input, as for analyze --sources.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Format = new("--format", "-f") { Description = "How to print it.", DefaultValueFactory = _ => ResultFormat.Text };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong(ResultFormat.Text, ResultFormat.Json);
        var command = new Command("validate", "Say what span logs lack for good traces, by sender.") { Files, Format };
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

        // Standard input can be read once only, and both passes need it.
        using var copies = new InputCopy();
        string[] sources = [.. list.Sources.Select(source => source == SourceList.StandardInput ? copies.Path : source)];
        var senders = new FindingsBySender();
        var records = new RecordLint(senders);
        foreach (string source in sources)
        {
            await records.ReadAsync(source, list.Sources.Contains(source) ? source : "stdin", cancellationToken);
        }

        records.End();

        // What cannot be read is a finding already.
        SourceReading? reading = null;
        IReadOnlyList<TraceRange> ranges = await ProgressLine.WhileAsync(
            "Reading", at => (reading = new SourceReading(TextWriter.Null, at)).ReadAsync(sources, cancellationToken));
        new TraceLint(senders, reading!.Batch).Read(ranges);
        if (senders.All.Count == 0)
        {
            await Console.Error.WriteLineAsync("error: no record could be read. Span logs are JSON records with trace_id and span_id.");
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

        return senders.All.Any(sender => sender.HasErrors) ? ExitCode.Nothing : ExitCode.Fine;
    }
}
