using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>
/// Random records of few spans in few traces: starts, ends, complete spans, events, contradictions, cycles, missing
/// parents, ends before starts, unknown times. The same seed gives the same records.
/// </summary>
public sealed class RandomParts(int seed)
{
    private readonly Random _random = new(seed);
    private int _traces = 1;

    /// <summary>Records of up to <paramref name="count"/> in number, of as many traces.</summary>
    public IReadOnlyList<SpanPart> Parts(int count, int traces = 1, int partsPerSpan = 2)
    {
        _traces = traces;
        var parts = new SpanPart[_random.Next(1, count + 1)];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Part(Math.Max(2, parts.Length / partsPerSpan));
        }

        return parts;
    }

    /// <summary>The same records in another order.</summary>
    public IReadOnlyList<SpanPart> Shuffle(IEnumerable<SpanPart> parts)
    {
        SpanPart[] shuffled = [.. parts];
        _random.Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>Some of the records, in order.</summary>
    public IReadOnlyList<SpanPart> Some(IEnumerable<SpanPart> parts) => [.. parts.Where(_ => _random.Next(2) == 0)];

    /// <summary>The records divided among a few batches.</summary>
    public IReadOnlyList<IReadOnlyList<SpanPart>> Split(IEnumerable<SpanPart> parts) =>
        [.. parts.GroupBy(_ => _random.Next(4)).Select(static group => (IReadOnlyList<SpanPart>)[.. group])];

    /// <summary>Merges records.</summary>
    public static (SpanBatch Batch, IReadOnlyList<TraceRange> Traces) Merge(IEnumerable<SpanPart> parts)
    {
        var batch = new SpanBatch();
        foreach (SpanPart part in parts)
        {
            part.AddTo(batch);
        }

        return (batch, [.. new SpanMerger().Merge(batch)]);
    }

    /// <summary>Merges records and reads back what came out.</summary>
    public static IReadOnlyList<SpanPart> Merged(IEnumerable<SpanPart> parts)
    {
        SpanBatch batch = Merge(parts).Batch;
        return [.. Enumerable.Range(0, batch.Count).Select(index => SpanPart.Of(batch, index))];
    }

    private SpanPart Part(int ids)
    {
        SpanFlags flags = _random.Next(8) switch
        {
            < 2 => SpanFlags.Started | SpanFlags.NameFromStart,
            < 4 => SpanFlags.Ended,
            < 7 => SpanFlags.Started | SpanFlags.Ended | SpanFlags.NameFromStart,
            _ => SpanFlags.None,
        };
        ulong id = (ulong)_random.Next(_random.Next(10) == 0 ? 0 : 1, ids);

        // Mostly the records of a span agree, so that one contradiction does not hide another.
        string name = _random.Next(5) == 0 ? Pick(string.Empty, "get", "put", "list") : "op" + (id % 5);
        string service = _random.Next(8) == 0 ? Pick(string.Empty, "api", "db", "queue") : "service" + (id % 3);
        ulong parent = _random.Next(3) == 0 ? 0 : _random.Next(8) == 0 ? (ulong)_random.Next(1, ids + 3) : id * 7 % (ulong)(ids + 1);
        flags &= name.Length == 0 ? ~SpanFlags.NameFromStart : ~SpanFlags.None;
        flags |= service.Length > 0 && _random.Next(4) == 0 ? SpanFlags.ServiceFromSource : SpanFlags.None;
        flags |= (flags & (SpanFlags.Started | SpanFlags.Ended)) == SpanFlags.Ended && _random.Next(2) == 0 ? SpanFlags.TimeIsAmbiguous : SpanFlags.None;
        flags |= parent != 0 && _random.Next(10) == 0 ? SpanFlags.FollowsFrom : SpanFlags.None;
        return new SpanPart
        {
            TraceId = new TraceId(0, (ulong)_random.Next(1, _traces + 1)),
            Id = id,
            Parent = parent,
            Service = service,
            Name = name,
            Flags = flags,
            Start = (flags & SpanFlags.Started) != 0 ? Time() : 0,
            End = (flags & SpanFlags.Ended) != 0 ? Time() : 0,
            ReportedDuration = (flags & SpanFlags.Ended) != 0 && _random.Next(2) == 0 ? _random.Next(0, 50) * 1_000_000L : null,
            Kind = Kind(id),
            Status = (flags & SpanFlags.Ended) != 0 ? (SpanStatus)_random.Next(3) : SpanStatus.Unset,
            StatusMessage = Pick(string.Empty, string.Empty, "timeout", "refused"),
            TraceState = Pick(string.Empty, string.Empty, "a=1", "b=2"),
            Attributes = Attributes(AttributeScope.Span, AttributeScope.Baggage),
            Shared = Attributes(AttributeScope.Resource, AttributeScope.Instrumentation),
            Events = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new PartEvent(Time(), Pick("log", "error"), Attributes(AttributeScope.Span, AttributeScope.Span)))],
            Links = [.. Enumerable.Range(0, _random.Next(5) / 3).Select(_ => (new TraceId(0, 9), (ulong)_random.Next(1, 3)))],
        };
    }

    /// <summary>A client's and a server's part of one id are two spans, whose parts of no kind depend on what else is there: here an id has only one of the two.</summary>
    private SpanKind Kind(ulong id)
    {
        SpanKind kind = _random.Next(8) == 0 ? (SpanKind)_random.Next(6) : (SpanKind)(id % 6);
        return kind is SpanKind.Client or SpanKind.Server ? (id % 2 == 0 ? SpanKind.Server : SpanKind.Client) : kind;
    }

    private List<PartAttribute> Attributes(AttributeScope one, AttributeScope other)
    {
        var attributes = new List<PartAttribute>();
        foreach (string key in (string[])["order_id", "error_code", "amount"])
        {
            if (_random.Next(3) == 0)
            {
                var kind = (AttributeKind)_random.Next(5);
                string value = kind == AttributeKind.Bool ? Pick("0", "1") : Pick("1", "2", "3");
                attributes.Add(new PartAttribute(key, kind, value, _random.Next(2) == 0 ? one : other, (AttributeRank)_random.Next(3)));
            }
        }

        return attributes;
    }

    private long Time() => _random.Next(12) == 0 ? 0 : TraceBuilder.Epoch + (_random.Next(0, 40) * 1_000_000L);

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
