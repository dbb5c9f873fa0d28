using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Sources;

/// <summary>Reads all sources; says on standard error what could not be read.</summary>
/// <param name="errors">Standard error.</param>
/// <param name="started">Called with the name of each source when it is read.</param>
/// <param name="timestamp">What the only time of a record with a duration is.</param>
/// <param name="rejectionsKept">How many rejections of a source are kept with their reasons.</param>
internal sealed class SourceReading(
    TextWriter errors, Action<string> started, TimestampMeaning timestamp = TimestampMeaning.Auto, int rejectionsKept = SourceReading.RejectionsShown)
{
    private const int RejectionsShown = 3;

    // What such batches hold fits into the caches.
    private readonly ReadLimits _inBatches = new() { SpansPerBatch = 2_000, RejectionsKept = RejectionsShown, Timestamp = timestamp };

    // Nothing is cleared between calls, so a batch never ends before its source.
    private readonly ReadLimits _whole = new()
    {
        SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue, RejectionsKept = rejectionsKept, Timestamp = timestamp,
    };

    private readonly SpanBatchPool _batches = new(Environment.ProcessorCount);

    /// <summary>All spans, after <see cref="ReadAsync(IReadOnlyList{string},CancellationToken)"/> one record a span.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>Records read.</summary>
    public long Records { get; private set; }

    /// <summary>Reads and merges the sources that a command line names, with progress on a terminal; says on standard error what is missing.</summary>
    public static async Task<(SourceReading Reading, IReadOnlyList<TraceRange> Traces)> OfAsync(
        string[] names, TimestampMeaning timestamp, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> sources = await FindAsync(names);
        SourceReading? reading = null;
        IReadOnlyList<TraceRange> traces = await ProgressLine.WhileAsync(
            "Reading", at => (reading = new SourceReading(Console.Error, at, timestamp)).ReadAsync(sources, cancellationToken));
        return (reading!, traces);
    }

    /// <summary>Reads the sources, one after another, and merges their records.</summary>
    /// <param name="sources">Paths, or <see cref="SourceList.StandardInput"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The traces in order of their ids.</returns>
    public async Task<IReadOnlyList<TraceRange>> ReadAsync(IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        await ReadRecordsAsync(sources, static (_, _, _, _) => { }, cancellationToken);
        return new SpanMerger().Merge(Batch);
    }

    /// <summary>Reads the sources, one after another, into <see cref="Batch"/>, and does not merge their records.</summary>
    /// <param name="sources">Paths, or <see cref="SourceList.StandardInput"/>.</param>
    /// <param name="read">Called for each source with its name, what was found, why it could not be read to its end, and its first record's index.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadRecordsAsync(IReadOnlyList<string> sources, Action<string, SourceStatistics, string?, int> read, CancellationToken cancellationToken)
    {
        foreach (string source in sources)
        {
            int first = Batch.Count;
            PieceRead piece = await ReadAsync(SourcePiece.Whole(source), _whole, Batch, static _ => { }, cancellationToken);
            Report(source, [piece]);
            read(NameOf(source), piece.Statistics, piece.Problem, first);
        }
    }

    /// <summary>Reads the sources that a command line names batch by batch, as many sources and ranges of long files at once as there are cores.</summary>
    /// <param name="names">What the command line says.</param>
    /// <param name="timestamp">What the only time of a record with a duration is.</param>
    /// <param name="attributes">Whether spans' attributes are wanted.</param>
    /// <param name="begin">
    /// Makes what takes the batches, on several threads at once. It is called a second time, to begin anew, where a file could not be read in ranges after all.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>How many records were read.</returns>
    public static async Task<long> InBatchesAsync(
        string[] names, TimestampMeaning timestamp, bool attributes, Func<Action<SpanBatch>> begin, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> sources = await FindAsync(names);
        return await ProgressLine.WhileAsync("Reading", async at =>
        {
            var reading = new SourceReading(Console.Error, at, timestamp);
            await reading.ReadAsync(sources, reading._inBatches with { WithoutAttributes = !attributes }, begin, cancellationToken);
            return reading.Records;
        });
    }

    private static async Task<IReadOnlyList<string>> FindAsync(string[] names)
    {
        var list = new SourceList(names);
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"warning: {missing}");
        }

        return list.Sources;
    }

    private async Task ReadAsync(IReadOnlyList<string> sources, ReadLimits limits, Func<Action<SpanBatch>> begin, CancellationToken cancellationToken)
    {
        IReadOnlyList<SourcePiece>[] pieces = await Task.WhenAll(sources.Select(source => FileRanges.OfAsync(source, cancellationToken)));
        PieceRead[][] read = await ReadAsync(pieces, limits, begin(), cancellationToken);
        if (!Array.TrueForAll(read, AreWhole))
        {
            read = await ReadAsync([.. sources.Select(source => (IReadOnlyList<SourcePiece>)[SourcePiece.Whole(source)])], limits, begin(), cancellationToken);
        }

        for (int i = 0; i < read.Length; i++)
        {
            Report(sources[i], read[i]);
        }
    }

    /// <summary>Whether every range ended where the next one began, between two records.</summary>
    private static bool AreWhole(PieceRead[] ranges) => Array.TrueForAll(ranges[..^1], static range => range.IsWhole);

    private async Task<PieceRead[][]> ReadAsync(
        IReadOnlyList<SourcePiece>[] sources, ReadLimits limits, Action<SpanBatch> take, CancellationToken cancellationToken)
    {
        PieceRead[][] read = [.. sources.Select(pieces => new PieceRead[pieces.Count])];
        await Parallel.ForEachAsync(
            sources.SelectMany((pieces, source) => pieces.Select((piece, number) => (piece, source, number))),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (at, token) =>
            {
                SpanBatch batch = _batches.Rent();
                read[at.source][at.number] = await ReadAsync(at.piece, limits, batch, take, token);
                _batches.Return(batch);
            });
        return read;
    }

    private async Task<PieceRead> ReadAsync(
        SourcePiece piece, ReadLimits limits, SpanBatch batch, Action<SpanBatch> take, CancellationToken cancellationToken)
    {
        started(piece.Source);
        SpanSourceReader? reader = null;
        string? problem = null;
        try
        {
            reader = new SpanSourceReader(piece.Open(), NameOf(piece.Source), limits, part: piece.Part);
            while (await reader.ReadBatchAsync(batch, cancellationToken))
            {
                take(batch);
                if (!ReferenceEquals(limits, _whole))
                {
                    batch.Clear();
                }
            }
        }
        catch (Exception failure) when (failure is UnreadableSourceException or IOException or UnauthorizedAccessException)
        {
            problem = failure.Message;
        }
        finally
        {
            await (reader?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        bool isWhole = problem is null && reader is { IsWaiting: false, Position.OpenArrays: 0 } && reader.Position.Offset == piece.To;
        return new PieceRead(reader?.Statistics ?? new SourceStatistics(), isWhole ? reader!.Position.Line - piece.From.Line : 0, isWhole, problem);
    }

    private static string NameOf(string source) => source == SourceList.StandardInput ? "stdin" : source;

    private void Report(string source, PieceRead[] pieces)
    {
        string name = PlainText.Line(NameOf(source));
        if (Array.TrueForAll(pieces, piece => piece is { Statistics: { Records: 0, Rejected: 0, Failure: null }, Problem: null }))
        {
            errors.WriteLine($"warning: {name}: holds no records");
        }

        Records += pieces.Sum(piece => piece.Statistics.Records);
        ReportRejections(name, pieces);
        foreach (string problem in pieces.Select(piece => piece.Problem).OfType<string>())
        {
            errors.WriteLine($"warning: {name}: {PlainText.Line(problem)}");
        }
    }

    private void ReportRejections(string name, PieceRead[] pieces)
    {
        long rejected = pieces.Sum(piece => piece.Statistics.Rejected);
        if (rejected == 0)
        {
            return;
        }

        errors.WriteLine($"warning: {name}: {rejected} of {pieces.Sum(piece => piece.Statistics.Records) + rejected} records could not be read");
        int shown = 0;
        long lines = 0;
        foreach (PieceRead piece in pieces)
        {
            foreach (Rejection rejection in piece.Statistics.Rejections.Take(RejectionsShown - shown))
            {
                shown++;
                string place = rejection.Line > 0 ? $"line {lines + rejection.Line}" : $"offset {rejection.Offset}";
                errors.WriteLine($"  {place}: {PlainText.Line(rejection.Reason, 200)}: {PlainText.Line(rejection.Excerpt, 80)}");
            }

            lines += piece.Lines;
        }

        if (rejected > RejectionsShown)
        {
            errors.WriteLine($"  and {rejected - RejectionsShown} more");
        }
    }

    /// <summary>What came of reading a piece.</summary>
    /// <param name="Statistics">What was found.</param>
    /// <param name="Lines">How many lines the piece has, where it is whole.</param>
    /// <param name="IsWhole">Whether a range was read up to its end, and that was between two records.</param>
    /// <param name="Problem">Why it could not be read to its end; null if it could.</param>
    private readonly record struct PieceRead(SourceStatistics Statistics, long Lines, bool IsWhole, string? Problem);
}
