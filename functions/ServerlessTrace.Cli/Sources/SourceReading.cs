using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Sources;

/// <summary>Reads all sources into one batch and merges them; says on standard error what could not be read.</summary>
internal sealed class SourceReading(TextWriter errors)
{
    private const int RejectionsShown = 3;

    // Nothing is cleared between calls, so a batch never ends before its source.
    private static readonly ReadLimits Limits = new() { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue, RejectionsKept = RejectionsShown };

    private readonly SpanMerger _merger = new();

    /// <summary>All spans, after <see cref="ReadAsync"/> one record a span.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>Reads and merges the sources that a command line names, with progress on a terminal; says on standard error what is missing.</summary>
    public static async Task<(SourceReading Reading, IReadOnlyList<TraceRange> Traces)> OfAsync(string[] names, CancellationToken cancellationToken)
    {
        var list = new SourceList(names);
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"warning: {missing}");
        }

        var reading = new SourceReading(Console.Error);
        IReadOnlyList<TraceRange> traces = await ProgressLine.WhileAsync("Reading", at => reading.ReadAsync(list.Sources, at, cancellationToken));
        return (reading, traces);
    }

    /// <summary>Reads the sources, one after another, and merges their records.</summary>
    /// <param name="sources">Paths, or <see cref="SourceList.StandardInput"/>.</param>
    /// <param name="started">Called with the name of each source before it is read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The traces in order of their ids.</returns>
    public async Task<IReadOnlyList<TraceRange>> ReadAsync(IReadOnlyList<string> sources, Action<string> started, CancellationToken cancellationToken)
    {
        foreach (string source in sources)
        {
            started(source);
            await ReadOneAsync(source, cancellationToken);
        }

        return _merger.Merge(Batch);
    }

    private async Task ReadOneAsync(string source, CancellationToken cancellationToken)
    {
        string name = source == SourceList.StandardInput ? "stdin" : source;
        try
        {
            Stream stream = source == SourceList.StandardInput
                ? Console.OpenStandardInput()
                : new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await using var reader = new SpanSourceReader(stream, name, Limits);
            try
            {
                while (await reader.ReadBatchAsync(Batch, cancellationToken))
                {
                }
            }
            finally
            {
                if (reader.Statistics is { Records: 0, Rejected: 0, Failure: null })
                {
                    errors.WriteLine($"warning: {PlainText.Line(name)}: holds no records");
                }

                Records += reader.Statistics.Records;
                ReportRejections(name, reader.Statistics);
            }
        }
        catch (Exception problem) when (problem is UnreadableSourceException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"warning: {PlainText.Line(name)}: {PlainText.Line(problem.Message)}");
        }
    }

    private void ReportRejections(string name, SourceStatistics statistics)
    {
        if (statistics.Rejected == 0)
        {
            return;
        }

        errors.WriteLine($"warning: {PlainText.Line(name)}: {statistics.Rejected} of {statistics.Records + statistics.Rejected} records could not be read");
        foreach (Rejection rejection in statistics.Rejections.Take(RejectionsShown))
        {
            string place = rejection.Line > 0 ? $"line {rejection.Line}" : $"offset {rejection.Offset}";
            errors.WriteLine($"  {place}: {PlainText.Line(rejection.Reason, 200)}: {PlainText.Line(rejection.Excerpt, 80)}");
        }

        if (statistics.Rejected > RejectionsShown)
        {
            errors.WriteLine($"  and {statistics.Rejected - RejectionsShown} more");
        }
    }
}
