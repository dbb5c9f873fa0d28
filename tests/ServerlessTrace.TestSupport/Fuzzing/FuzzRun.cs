using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport.Fuzzing;

/// <summary>
/// Gives mutated sources to <see cref="SpanSourceReader"/> and checks what must hold whatever comes: no exception but
/// <see cref="UnreadableSourceException"/>, an end in bounded time and memory, spans that refer to nothing outside their batch,
/// and the same counts however the content is split and whether or not attributes are asked for.
/// </summary>
public sealed class FuzzRun
{
    private const int MostFailures = 10;
    private const long MostAllocated = 48 << 20;

    private static readonly ReadLimits Limits = new()
    {
        RecordBytes = 3000,
        AttributeBytes = 64,
        AttributesPerSpan = 8,
        JsonDepth = 16,
        RejectionsKept = 5,
        ExcerptLength = 40,
        BytesPerBatch = 64 << 10,
        SpansPerBatch = 50,
        DecompressedBytes = 1 << 20,
        DecompressionWindowLog = 20,
    };

    private readonly FuzzCorpus _corpus = new();
    private readonly FuzzInput _input;
    private readonly SpanBatch _batch = new();
    private readonly SpanMerger _merger = new();
    private readonly Core.Assembly.Trace _trace = new();
    private readonly Dictionary<SourceFormat, long> _formats = [];
    private long _started;
    private long _current = -1;

    /// <summary>A run over the committed seeds.</summary>
    public FuzzRun() => _input = new FuzzInput(_corpus);

    /// <summary>What went wrong, each with the input that did it.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Inputs read.</summary>
    public long Inputs { get; private set; }

    /// <summary>Records accepted.</summary>
    public long Records { get; private set; }

    /// <summary>Records rejected.</summary>
    public long Rejected { get; private set; }

    /// <summary>Inputs refused as a whole.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The longest time one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The most memory that was allocated for one input, in bytes.</summary>
    public long MostAllocatedByOne { get; private set; }

    /// <summary>How many inputs were taken for what.</summary>
    public IReadOnlyDictionary<SourceFormat, long> Formats => _formats;

    /// <summary>Reads so many inputs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="run">Which ones: the same run makes the same inputs.</param>
    /// <param name="longest">How long one may take.</param>
    public void Run(long count, int run, TimeSpan longest)
    {
        // A reader that never ends cannot be stopped from outside: say which input it is, and end.
        using Timer watch = new(_ => EndIfStuck(run, longest), null, longest, longest / 2);
        for (long number = 0; number < count && Failures.Count < MostFailures; number++)
        {
            Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
            Interlocked.Exchange(ref _current, number);
            ReadOnlyMemory<byte> input = _input.Make(run, number, out Random random);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long started = Stopwatch.GetTimestamp();
            string? failure = Check(input, random, number);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Slowest = elapsed > Slowest ? elapsed : Slowest;
            MostAllocatedByOne = Math.Max(MostAllocatedByOne, allocated);
            failure ??= allocated > MostAllocated ? $"{allocated} bytes were allocated" : null;
            if (failure is not null)
            {
                Failures.Add(string.Create(CultureInfo.InvariantCulture, $"run {run}, input {number}: {failure}\n{Convert.ToBase64String(input.Span)}"));
            }

            Inputs++;
        }

        Interlocked.Exchange(ref _current, -1);
    }

    private string? Check(ReadOnlyMemory<byte> input, Random random, long number)
    {
        try
        {
            SourceStatistics found = Read(input, random, check: true);
            Records += found.Records;
            Rejected += found.Rejected;
            _formats[found.Format] = _formats.GetValueOrDefault(found.Format) + 1;
            if (number % 8 == 0)
            {
                SourceStatistics whole = Read(input, random: null, check: false);

                // How much a decompressor gives before it finds corruption depends on how much it is given at a time.
                return found.Failure is not null || whole.Failure is not null || (found.Records, found.SpanRecords, found.Rejected, found.Format) == (whole.Records, whole.SpanRecords, whole.Rejected, whole.Format)
                    ? null
                    : $"in pieces {found.Records} records, {found.SpanRecords} spans, {found.Rejected} rejections of {found.Format}; as a whole {whole.Records}, {whole.SpanRecords}, {whole.Rejected} of {whole.Format}";
            }

            return number % 8 == 4 ? CheckWithoutAttributes(input, found) : null;
        }
#pragma warning disable CA1031 // Any exception is what is looked for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception.ToString();
        }
    }

    /// <summary>Who asks for no attributes gets the same records without them.</summary>
    private string? CheckWithoutAttributes(ReadOnlyMemory<byte> input, SourceStatistics found)
    {
        SourceStatistics bare = Read(input, random: null, check: true, withoutAttributes: true);
        return found.Failure is not null || bare.Failure is not null || (found.Records, found.SpanRecords, found.Rejected) == (bare.Records, bare.SpanRecords, bare.Rejected)
            ? null
            : $"with attributes {found.Records} records, {found.SpanRecords} spans, {found.Rejected} rejections of {found.Format}; without {bare.Records}, {bare.SpanRecords}, {bare.Rejected}";
    }

    private SourceStatistics Read(ReadOnlyMemory<byte> input, Random? random, bool check, bool withoutAttributes = false)
    {
        SpanSourceReader reader = new(new PieceStream(input, random), "fuzz.json", withoutAttributes ? Limits with { WithoutAttributes = true } : Limits);
        try
        {
            int batches = 0;
            while (true)
            {
                _batch.Clear();
                ValueTask<bool> read = reader.ReadBatchAsync(_batch, CancellationToken.None);
                if (!(read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult()))
                {
                    break;
                }

                if (check)
                {
                    CheckBatch(merge: (batches & 3) == 0);
                }

                Require(++batches < 100_000, "batches have no end");
            }
        }
        catch (UnreadableSourceException)
        {
            Unreadable++;
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        Require(reader.Statistics.Rejections.Count <= Limits.RejectionsKept, "too many rejections are kept");
        return reader.Statistics;
    }

    private void CheckBatch(bool merge)
    {
        Require(_batch.ApproximateSize < 16 << 20, "the batch is too big");
        foreach (ref readonly SpanRecord span in _batch.Spans)
        {
            Require(!span.TraceId.IsZero, "a record has no trace");
            Require(!span.IsSpan || !span.SpanId.IsZero, "a span has no id");
            Require(span.StartUnixNano >= 0 && span.EndUnixNano >= 0 && span.Duration >= 0, "a span has negative times");
            Require(span.AttributeCount <= 2 * Limits.AttributesPerSpan, "a span has too many attributes");
            CheckText(span.Name);
            CheckText(span.Service);
            CheckText(span.StatusMessage);
            CheckText(span.TraceState);
            CheckAttributes(_batch.Attributes(in span));
            CheckAttributes(_batch.SharedAttributes(in span));
            foreach (ref readonly SpanEvent spanEvent in _batch.Events(in span))
            {
                CheckText(spanEvent.Name);
                CheckAttributes(_batch.Attributes(in spanEvent));
            }

            foreach (ref readonly SpanLink link in _batch.Links(in span))
            {
                CheckAttributes(_batch.Attributes(in link));
            }
        }

        if (merge)
        {
            foreach (TraceRange trace in _merger.Merge(_batch))
            {
                _trace.Load(_batch, trace);
            }
        }
    }

    private void CheckAttributes(ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            CheckText(attribute.Key);
            if (attribute.IsText)
            {
                CheckText(attribute.Text);
            }
        }
    }

    private void CheckText(int id)
    {
        ReadOnlySpan<byte> text = _batch.Strings[id];
        Require(text.Length <= 16 * Limits.AttributeBytes, "a text is too long");
        Require(Utf8.IsValid(text), "a text is not UTF-8");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private void EndIfStuck(int run, TimeSpan longest)
    {
        long number = Interlocked.Read(ref _current);
        if (number >= 0 && Stopwatch.GetElapsedTime(Interlocked.Read(ref _started)) > longest)
        {
            Environment.FailFast($"run {run}, input {number} takes longer than {longest}: {Convert.ToBase64String(new FuzzInput(_corpus).Make(run, number, out _).Span)}");
        }
    }
}
