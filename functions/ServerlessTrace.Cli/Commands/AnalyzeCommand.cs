using System.CommandLine;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Reports;
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
    internal static readonly Option<string[]> Sources = SourceOption.Create(required: true);

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

    /// <summary>Which attributes tell what a trace is about.</summary>
    internal static readonly Option<string[]> BusinessKeys = new("--business-keys")
    {
        Description = "Attributes that tell what a trace is about, separated by commas, instead of the usual order_id, user_id, transaction_id, amount and so on.",
        HelpName = "order_id,amount",
    };

    /// <summary>What the only time of a record with a duration is.</summary>
    internal static readonly Option<string> Timestamp = new("--timestamp")
    {
        Description = "What the only time of a record with a duration_ms and no event is: start, end, or auto: the end, unless children and events lie inside "
            + "their spans only if it is the start.",
        DefaultValueFactory = _ => "auto",
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
        Timestamp.AcceptOnlyFromAmong("auto", "start", "end");
        var command = new Command(
            "analyze",
            "Read span logs from files and print traces, with no service and no storage.")
        {
            Sources, Id, Format, Path, BusinessKeys, Timestamp, OutputFile,
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

    /// <summary>How the command line asks for traces to be analysed.</summary>
    internal static AnalysisOptions OptionsOf(ParseResult parsed)
    {
        var options = new AnalysisOptions { CriticalPath = parsed.GetValue(Path) == "tolerant" ? CriticalPathMode.Tolerant : CriticalPathMode.Strict };
        string[] keys = [.. (parsed.GetValue(BusinessKeys) ?? []).SelectMany(static list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return keys.Length == 0 ? options : options with { BusinessKeys = keys };
    }

    /// <summary>What the command line says of times.</summary>
    internal static TimestampMeaning TimestampOf(ParseResult parsed) => parsed.GetValue(Timestamp) switch
    {
        "start" => TimestampMeaning.Start,
        "end" => TimestampMeaning.End,
        _ => TimestampMeaning.Auto,
    };

    private static Option<TraceId?> TraceIdOption() => new("--trace-id", "-t")
    {
        Description = "The trace to report: up to 32 hex digits; a shorter id is padded with zeros on the left.",
        HelpName = "ID",
        CustomParser = TraceIdArgument.Parse,
    };

    /// <summary>Reads the sources and writes the result in a format.</summary>
    internal static async Task<int> RunAsync(ParseResult parsed, string format, CancellationToken cancellationToken)
    {
        string[] sources = parsed.GetRequiredValue(Sources);
        string? file = parsed.GetValue(OutputFile);
        TraceId? wanted = parsed.GetValue(Id);
        if (format == ResultFormat.Text && wanted is null)
        {
            return await WriteTableAsync(sources, TimestampOf(parsed), file, cancellationToken);
        }

        (SpanBatch batch, int exitCode) = wanted is { } id
            ? await ReadOneAsync(sources, TimestampOf(parsed), id, cancellationToken)
            : await ReadAllAsync(sources, TimestampOf(parsed), cancellationToken);
        if (exitCode != ExitCode.Fine)
        {
            return exitCode;
        }

        TraceRange[] chosen = [.. new SpanMerger().Merge(batch)];
        if (format is ResultFormat.Html or ResultFormat.Markdown && chosen.Length > 1)
        {
            await Console.Error.WriteLineAsync($"error: these sources hold {chosen.Length} traces, a report is of one: say which with --trace-id.");
            return ExitCode.Usage;
        }

        AnalysisOptions options = OptionsOf(parsed);
        return await ResultOutput.WriteAsync(file, output => WriteAsync(output, batch, chosen, format, options, file is null));
    }

    /// <summary>The summary needs no whole traces: of each record only what a line tells is kept.</summary>
    private static async Task<int> WriteTableAsync(string[] sources, TimestampMeaning timestamp, string? file, CancellationToken cancellationToken)
    {
        TraceOutlines outlines = new();
        if (await SourceReading.InBatchesAsync(sources, timestamp, attributes: false, () => (outlines = new TraceOutlines()).Add, cancellationToken) == 0)
        {
            return await NothingReadAsync();
        }

        var table = new TraceTable();
        foreach (TraceOutline trace in outlines.Assemble(cancellationToken))
        {
            table.Add(in trace);
        }

        return await ResultOutput.WriteAsync(file, async output =>
        {
            await using StreamWriter text = NewWriter(output);
            table.Write(text, file is null && !Console.IsOutputRedirected ? Console.WindowWidth : null);
        });
    }

    private static async Task<(SpanBatch Batch, int ExitCode)> ReadOneAsync(string[] sources, TimestampMeaning timestamp, TraceId wanted, CancellationToken cancellationToken)
    {
        OneTrace trace = new(wanted);
        if (await SourceReading.InBatchesAsync(sources, timestamp, attributes: true, () => (trace = new OneTrace(wanted)).Take, cancellationToken) == 0)
        {
            return (trace.Batch, await NothingReadAsync());
        }

        if (trace.Batch.Count > 0)
        {
            return (trace.Batch, ExitCode.Fine);
        }

        await Console.Error.WriteLineAsync($"error: trace {wanted} is not in these sources, which hold {trace.Others} other trace(s).");
        return (trace.Batch, ExitCode.Nothing);
    }

    private static async Task<(SpanBatch Batch, int ExitCode)> ReadAllAsync(string[] sources, TimestampMeaning timestamp, CancellationToken cancellationToken)
    {
        (SourceReading reading, _) = await SourceReading.OfAsync(sources, timestamp, cancellationToken);
        return (reading.Batch, reading.Records == 0 ? await NothingReadAsync() : ExitCode.Fine);
    }

    private static async Task<int> NothingReadAsync()
    {
        await Console.Error.WriteLineAsync("error: no span log could be read. Span logs are JSON records with trace_id and span_id.");
        return ExitCode.Nothing;
    }

    private static async Task WriteAsync(Stream output, SpanBatch batch, TraceRange[] chosen, string format, AnalysisOptions options, bool console)
    {
        OrderByStart(batch, chosen);
        if (format == ResultFormat.Json)
        {
            WriteJson(output, batch, chosen, options);
            return;
        }

        var analysis = new TraceAnalysis(new Trace(batch, chosen[0]), options);
        await TraceReport.WriteAsync(output, analysis, format, new ReportOptions { Ansi = console && !Console.IsOutputRedirected });
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

    private static StreamWriter NewWriter(Stream output) => new(output, new UTF8Encoding(false), 64 << 10, leaveOpen: true) { NewLine = "\n" };

    private static void WriteJson(Stream output, SpanBatch batch, TraceRange[] chosen, AnalysisOptions options)
    {
        var trace = new Trace();
        var names = new BatchNames(batch, options);
        using var writer = new Utf8JsonWriter(output, TraceReportJson.Options);
        writer.WriteStartArray();
        foreach (TraceRange range in chosen)
        {
            trace.Load(batch, range);

            // Offline nothing more is to come: what is there counts as complete, in its first revision.
            TraceReportJson.Write(writer, new TraceAnalysis(trace, options, names), isSealed: true, revision: 1);
            writer.Flush();
        }

        writer.WriteEndArray();
        writer.Flush();
        output.WriteByte((byte)'\n');
    }
}
