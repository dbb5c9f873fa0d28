using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>Builds a trace, span by span or part by part; times are in ms after <see cref="Epoch"/>, ids are small numbers.</summary>
public sealed class TraceBuilder(TraceId? traceId = null)
{
    /// <summary>2026-02-26T18:00:00Z in ns since 1970.</summary>
    public const long Epoch = 1_772_128_800_000_000_000;

    private readonly TraceId _traceId = traceId ?? new TraceId(0x0af7651916cd43dd, 0x8448eb211c80319c);
    private readonly List<SpanAttribute> _attributes = [];
    private readonly List<(string Name, double At, (string Key, string Value)[] Attributes)> _events = [];

    /// <summary>What was built so far, not merged; complete after <see cref="Flush"/>.</summary>
    public SpanBatch Batch { get; } = new();

    /// <summary>A complete span; an open one without an end.</summary>
    public TraceBuilder Span(
        ulong id, string service, string name, double start, double? end, ulong parent = 0,
        SpanKind kind = SpanKind.Internal, SpanStatus status = SpanStatus.Unset, SpanFlags flags = SpanFlags.None)
    {
        ref SpanRecord span = ref Record(id, service, name, parent, kind);
        span.Flags = flags | SpanFlags.Started | (end is null ? SpanFlags.None : SpanFlags.Ended);
        span.StartUnixNano = At(start);
        span.EndUnixNano = end is { } ended ? At(ended) : 0;
        span.Status = status;
        return this;
    }

    /// <summary>The part of a span that its end tells.</summary>
    public TraceBuilder End(ulong id, string service, string name, double end, double? duration = null, ulong parent = 0, SpanStatus status = SpanStatus.Ok)
    {
        ref SpanRecord span = ref Record(id, service, name, parent, SpanKind.Unspecified);
        span.Flags = SpanFlags.Ended;
        span.EndUnixNano = At(end);
        span.ReportedDurationNano = duration is { } ms ? (long)(ms * 1e6) : null;
        span.Status = status;
        return this;
    }

    /// <summary>Makes the last span fail.</summary>
    public TraceBuilder Failed(string message = "", string? code = null)
    {
        ref SpanRecord span = ref Batch[Batch.Count - 1];
        span.Status = SpanStatus.Error;
        span.StatusMessage = Batch.Strings.Add(message);
        return code is null ? this : With("error_code", code);
    }

    /// <summary>An attribute of the last span.</summary>
    public TraceBuilder With(string key, string value, AttributeScope scope = AttributeScope.Span)
    {
        _attributes.Add(new SpanAttribute(Batch.Strings.Add(key), AttributeKind.String, Batch.Strings.Add(value), scope));
        return this;
    }

    /// <summary>A numeric attribute of the last span.</summary>
    public TraceBuilder With(string key, double value)
    {
        _attributes.Add(new SpanAttribute(Batch.Strings.Add(key), AttributeKind.Double, BitConverter.DoubleToInt64Bits(value)));
        return this;
    }

    /// <summary>An integer attribute of the last span.</summary>
    public TraceBuilder With(string key, long value)
    {
        _attributes.Add(new SpanAttribute(Batch.Strings.Add(key), AttributeKind.Int64, value));
        return this;
    }

    /// <summary>An event of the last span.</summary>
    public TraceBuilder Event(string name, double at, params (string Key, string Value)[] attributes)
    {
        _events.Add((name, at, attributes));
        return this;
    }

    /// <summary>Merges what was built and returns the (only) trace.</summary>
    public Trace Build()
    {
        Flush();
        return new Trace(Batch, new SpanMerger().Merge(Batch)[0]);
    }

    /// <summary>Writes the last span's attributes and events to the batch.</summary>
    public SpanBatch Flush()
    {
        if (Batch.Count == 0)
        {
            return Batch;
        }

        ref SpanRecord span = ref Batch[Batch.Count - 1];
        if (_attributes.Count > 0)
        {
            (span.AttributeStart, span.AttributeCount) = (Batch.AttributeCount, _attributes.Count);
            _attributes.ForEach(attribute => Batch.AddAttribute(in attribute));
            _attributes.Clear();
        }

        FlushEvents(ref span);
        return Batch;
    }

    private void FlushEvents(ref SpanRecord span)
    {
        if (_events.Count == 0)
        {
            return;
        }

        (span.EventStart, span.EventCount) = (Batch.EventCount, _events.Count);
        foreach ((string name, double at, (string Key, string Value)[] attributes) in _events)
        {
            int first = Batch.AttributeCount;
            foreach ((string key, string value) in attributes)
            {
                Batch.AddAttribute(key, value);
            }

            Batch.AddEvent(new SpanEvent { TimeUnixNano = At(at), Name = Batch.Strings.Add(name), AttributeStart = first, AttributeCount = attributes.Length });
        }

        _events.Clear();
    }

    private ref SpanRecord Record(ulong id, string service, string name, ulong parent, SpanKind kind)
    {
        Flush();
        ref SpanRecord span = ref Batch.AddSpan();
        span.TraceId = _traceId;
        span.SpanId = new SpanId(id);
        span.ParentSpanId = new SpanId(parent);
        span.Service = Batch.Strings.Add(service);
        span.Name = Batch.Strings.Add(name);
        span.Kind = kind;
        return ref span;
    }

    private static long At(double ms) => Epoch + (long)Math.Round(ms * 1e6);
}
