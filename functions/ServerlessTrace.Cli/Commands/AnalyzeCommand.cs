using System.CommandLine;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Reports.Html;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>analyze</c>: span logs in files become traces and reports, with no service and no storage.</summary>
internal static class AnalyzeCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        With --trace-id it prints the report of one trace, without it a summary of all.
        Starts and ends of a span may lie in different files, in any order.

        Examples:
          serverlesstrace analyze --sources app.log,api.log,db.log
          serverlesstrace analyze --sources logs/ --trace-id 0af7651916cd43dd8448eb211c80319c
          serverlesstrace analyze --sources logs/ --trace-id 0af7651916cd43dd8448eb211c80319c --output trace.html
          kubectl logs deploy/payment | serverlesstrace analyze --sources - --output traces.json

        """;

    /// <summary>What to read.</summary>
    internal static readonly Option<string[]> Sources = new("--sources", "-s")
    {
        Description = "What to read: files, folders (with all folders in them), patterns such as 'logs/**/*.json', and - for standard input, separated by commas or spaces.",
        HelpName = "a.log,dir/,*.json,-",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The trace to report.</summary>
    internal static readonly Option<TraceId?> Id = TraceIdOption();

    private static readonly Option<string?> Format = ResultFormat.Option(
        "text: a summary table, or the trace report of --trace-id. json: an array of traces, ordered by start, then id. markdown: the report of one trace for tickets and wikis. html: one trace as a page that works from disk. Default: text, or what the name of --output implies.");

    /// <summary>How the critical path treats overlaps.</summary>
    internal static readonly Option<string> Path = new("--critical-path")
    {
        Description = "strict: a child that overlaps the one chosen after it ran in parallel. tolerant: an overlap under 1 % of the parent counts as clock noise.",
        DefaultValueFactory = _ => "strict",
    };

    /// <summary>Where the result goes.</summary>
    internal static readonly Option<string?> OutputFile = new("--output", "-o")
    {
        Description = "Write the result to this file instead of standard output.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        Path.AcceptOnlyFromAmong("strict", "tolerant");
        Sources.Validators.Add(result =>
        {
            // An option that takes many words takes misspelt options, too.
            foreach (string word in result.Tokens.Select(token => token.Value).Where(word => word.Length > 1 && word[0] == '-' && word[1] != ','))
            {
                result.AddError($"There is no option {word}. (A file of that name is ./{word}.)");
            }
        });
        var command = new Command(
            "analyze",
            "Read span logs from files and print traces, with no service and no storage.")
        {
            Sources, Id, Format, Path, OutputFile,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Format) is null)
            {
                ResultFormat.Validate(result, ResultFormat.OfFile(result.GetValue(OutputFile)));
            }
        });
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed, parsed.GetValue(Format) ?? ResultFormat.OfFile(parsed.GetValue(OutputFile)) ?? ResultFormat.Text, cancellationToken));
        return command;
    }

    private static Option<TraceId?> TraceIdOption() => new("--trace-id", "-t")
    {
        Description = "The trace to report: up to 32 hex digits; a shorter id is padded with zeros on the left.",
        HelpName = "ID",
        CustomParser = result =>
        {
            if (TraceId.TryParse(result.Tokens[0].Value, out TraceId id))
            {
                return id;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no trace id: 1 to 32 hex digits, not all zero.");
            return null;
        },
    };

    /// <summary>Reads the sources and writes the result in a format.</summary>
    internal static async Task<int> RunAsync(ParseResult parsed, string format, CancellationToken cancellationToken)
    {
        var list = new SourceList(parsed.GetRequiredValue(Sources));
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"warning: {missing}");
        }

        var reading = new SourceReading(Console.Error);
        IReadOnlyList<TraceRange> ranges = await ProgressLine.WhileAsync("Reading", at => reading.ReadAsync(list.Sources, at, cancellationToken));
        if (reading.Records == 0)
        {
            await Console.Error.WriteLineAsync("error: no span log could be read. Span logs are JSON records with trace_id and span_id.");
            return ExitCode.Nothing;
        }

        TraceId? wanted = parsed.GetValue(Id);
        TraceRange[] chosen = [.. ranges.Where(range => wanted is null || range.TraceId == wanted)];
        if (chosen.Length == 0)
        {
            await Console.Error.WriteLineAsync($"error: trace {wanted} is not in these sources, which hold {ranges.Count} other trace(s).");
            return ExitCode.Nothing;
        }

        if (format is ResultFormat.Html or ResultFormat.Markdown && chosen.Length > 1)
        {
            await Console.Error.WriteLineAsync($"error: these sources hold {chosen.Length} traces, a report is of one: say which with --trace-id.");
            return ExitCode.Usage;
        }

        string? file = parsed.GetValue(OutputFile);
        CriticalPathMode mode = parsed.GetValue(Path) == "tolerant" ? CriticalPathMode.Tolerant : CriticalPathMode.Strict;
        return await ResultOutput.WriteAsync(file, output => WriteAsync(output, reading.Batch, chosen, format, wanted is not null, mode, file is null));
    }

    private static async Task WriteAsync(Stream output, SpanBatch batch, TraceRange[] chosen, string format, bool one, CriticalPathMode mode, bool console)
    {
        OrderByStart(batch, chosen);
        if (format == ResultFormat.Json)
        {
            WriteJson(output, batch, chosen, mode);
            return;
        }

        if (format == ResultFormat.Html)
        {
            HtmlReport.Write(output, new TraceAnalysis(new Trace(batch, chosen[0]), new AnalysisOptions { CriticalPath = mode }), isSealed: null, revision: 0);
            return;
        }

        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        if (format == ResultFormat.Markdown)
        {
            MarkdownReport.Write(text, new TraceAnalysis(new Trace(batch, chosen[0]), new AnalysisOptions { CriticalPath = mode }));
        }
        else if (one)
        {
            var analysis = new TraceAnalysis(new Trace(batch, chosen[0]), new AnalysisOptions { CriticalPath = mode });
            TextReport.Write(text, analysis, new ReportOptions { Ansi = console && !Console.IsOutputRedirected });
        }
        else
        {
            WriteTable(text, batch, chosen, console && !Console.IsOutputRedirected ? Console.WindowWidth : null);
        }
    }

    private static void OrderByStart(SpanBatch batch, TraceRange[] chosen)
    {
        var trace = new Trace();
        long[] starts = new long[chosen.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            trace.Load(batch, chosen[i]);
            starts[i] = trace.Start;
        }

        TraceRange[] ordered = [.. chosen.Zip(starts).OrderBy(pair => pair.Second).ThenBy(pair => pair.First.TraceId).Select(pair => pair.First)];
        ordered.CopyTo(chosen, 0);
    }

    private static void WriteTable(TextWriter text, SpanBatch batch, TraceRange[] chosen, int? columns)
    {
        var table = new TraceTable();
        var trace = new Trace();
        foreach (TraceRange range in chosen)
        {
            trace.Load(batch, range);
            table.Add(trace);
        }

        table.Write(text, columns);
    }

    private static void WriteJson(Stream output, SpanBatch batch, TraceRange[] chosen, CriticalPathMode mode)
    {
        var options = new AnalysisOptions { CriticalPath = mode };
        var trace = new Trace();
        using var writer = new Utf8JsonWriter(output, TraceReportJson.Options);
        writer.WriteStartArray();
        foreach (TraceRange range in chosen)
        {
            trace.Load(batch, range);

            // Offline nothing more is to come: what is there counts as complete, in its first revision.
            TraceReportJson.Write(writer, new TraceAnalysis(trace, options), isSealed: true, revision: 1);
            writer.Flush();
        }

        writer.WriteEndArray();
        writer.Flush();
        output.WriteByte((byte)'\n');
    }
}
