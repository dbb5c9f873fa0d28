using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Appends what an OTLP message says to a batch: spans as complete spans, log records as events of their span or trace.
/// Both encodings are read into this, so that they mean the same. The attributes of resource and instrumentation scope are
/// kept here, since a batch may end between two spans that share them, and written once for all spans that do.
/// </summary>
internal sealed class OtlpRecordWriter
{
    private const string NoTime = "no startTimeUnixNano: a span needs one, in nanoseconds since 1970";

    private readonly SourceStatistics _statistics;
    private readonly byte[] _fallbackService;
    private readonly SpanBatch _resource = new();
    private readonly SpanBatch _scope = new();

    private SpanBatch _batch = null!;
    private SpanBatchMark _mark;
    private long _generation = -1;
    private int _service;
    private bool _serviceKnown;
    private bool _isShared;
    private long _sharedGeneration = -1;
    private int _sharedStart;
    private int _sharedCount;
    private int _firstOfResource;
    private int _firstOfScope;
    private SpanRecord _record;

    /// <summary>Writes for one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records are counted.</param>
    /// <param name="fallbackService">The service of resources that name none.</param>
    public OtlpRecordWriter(ReadLimits limits, SourceStatistics statistics, string fallbackService)
    {
        _statistics = statistics;
        _fallbackService = Encoding.UTF8.GetBytes(fallbackService);
        Attributes = new OtlpAttributes(limits);
        DetailAttributes = new OtlpAttributes(limits);
        ResourceAttributes = new OtlpAttributes(limits);
        ScopeAttributes = new OtlpAttributes(limits);
        ResourceAttributes.Begin(_resource, AttributeScope.Resource);
        ScopeAttributes.Begin(_scope, AttributeScope.Instrumentation);
    }

    /// <summary>The span's or log record's own attributes.</summary>
    public OtlpAttributes Attributes { get; }

    /// <summary>The attributes of the event or link being read.</summary>
    public OtlpAttributes DetailAttributes { get; }

    /// <summary>The attributes of the resource being read.</summary>
    public OtlpAttributes ResourceAttributes { get; }

    /// <summary>The attributes of the instrumentation scope being read.</summary>
    public OtlpAttributes ScopeAttributes { get; }

    /// <summary>The record being read.</summary>
    public ref SpanRecord Record => ref _record;

    /// <summary>Whether something of the record was cut.</summary>
    public bool Truncated { get; set; }

    /// <summary>The log record's time, its name and its body's text.</summary>
    public OtlpLogFields Log { get; } = new();

    /// <summary>Whether records of a resource or scope wait for what is said of it behind them.</summary>
    public bool AwaitsResource { get; private set; }

    /// <summary>Goes on with a batch, which may be another one or cleared since.</summary>
    public void Begin(SpanBatch batch)
    {
        if (_batch == batch && _generation == batch.Strings.Generation)
        {
            return;
        }

        _batch = batch;
        _generation = batch.Strings.Generation;
        _isShared = false;
        _serviceKnown = false;
        _firstOfResource = batch.Count;
        _firstOfScope = batch.Count;
    }

    /// <summary>Begins a ResourceSpans or ResourceLogs.</summary>
    public void BeginResourceGroup()
    {
        BeginResource();
        _firstOfResource = _batch.Count;
        _serviceKnown = false;
        AwaitsResource = true;
        BeginScopeGroup();
    }

    /// <summary>Begins a ScopeSpans or ScopeLogs.</summary>
    public void BeginScopeGroup()
    {
        BeginScope();
        _firstOfScope = _batch.Count;
        _isShared = false;
    }

    /// <summary>Begins a resource.</summary>
    public void BeginResource()
    {
        _resource.Clear();
        ResourceAttributes.Begin(_resource, AttributeScope.Resource);
    }

    /// <summary>Begins an instrumentation scope.</summary>
    public void BeginScope()
    {
        _scope.Clear();
        ScopeAttributes.Begin(_scope, AttributeScope.Instrumentation);
    }

    /// <summary>To be called when a resource was read, also if records of it came before.</summary>
    public void EndResource()
    {
        AwaitsResource = false;
        _serviceKnown = false;
        _isShared = false;
        if (_firstOfResource < _batch.Count)
        {
            Amend(_firstOfResource, _resource);
            NameService();
        }
    }

    /// <summary>To be called when an instrumentation scope was read, also if records of it came before.</summary>
    public void EndScope(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version)
    {
        if (!name.IsEmpty)
        {
            ScopeAttributes.Add("otel.scope.name"u8, name);
        }

        if (!version.IsEmpty)
        {
            ScopeAttributes.Add("otel.scope.version"u8, version);
        }

        _isShared = false;
        if (_firstOfScope < _batch.Count)
        {
            Amend(_firstOfScope, _scope);
        }
    }

    /// <summary>Begins a span or log record.</summary>
    public void BeginRecord()
    {
        if (!_isShared)
        {
            Share();
        }

        _mark = _batch.Mark();
        _record = default;
        _record.EventStart = _mark.Events;
        _record.LinkStart = _mark.Links;
        Truncated = false;
        Attributes.Begin(_batch, AttributeScope.Span);
    }

    /// <summary>Forgets the record that was begun.</summary>
    public void CancelRecord() => _batch.Rewind(_mark);

    /// <summary>Begins an event or link of the span.</summary>
    public void BeginDetail() => DetailAttributes.Begin(_batch, AttributeScope.Span);

    /// <summary>Ends an event of the span.</summary>
    public void EndEvent(long time, int name)
    {
        Truncated |= DetailAttributes.Truncated;
        _batch.AddEvent(new SpanEvent
        {
            TimeUnixNano = time,
            Name = name,
            AttributeStart = DetailAttributes.Start,
            AttributeCount = DetailAttributes.Count,
        });
    }

    /// <summary>Ends a link of the span; one that leads nowhere is left out.</summary>
    public void EndLink(TraceId trace, SpanId span)
    {
        Truncated |= DetailAttributes.Truncated;
        if (trace.IsZero || span.IsZero)
        {
            Truncated = true;
            return;
        }

        _batch.AddLink(new SpanLink
        {
            TraceId = trace,
            SpanId = span,
            AttributeStart = DetailAttributes.Start,
            AttributeCount = DetailAttributes.Count,
        });
    }

    /// <summary>Ends a log record's body, which was read as the only attribute of a detail: text is kept for the event's name.</summary>
    public void EndBody()
    {
        Truncated |= DetailAttributes.Truncated;
        if (DetailAttributes.Count == 0)
        {
            return;
        }

        SpanAttribute body = _batch.Attributes(DetailAttributes.Start, 1)[0];
        _batch.Rewind(_batch.Mark() with { Attributes = DetailAttributes.Start });
        if (body.Kind == AttributeKind.String)
        {
            Log.Body = body.Text;
        }
        else
        {
            Attributes.Add(body.Key, body.Kind, body.Bits);
        }
    }

    /// <summary>Ends a span; returns what is wrong with it instead if it cannot be used.</summary>
    public string? EndSpan()
    {
        string? fault = _record.TraceId.IsZero ? "no traceId: a span needs one of 16 bytes, not all zero"
            : _record.SpanId.IsZero ? "no spanId: a span needs one of 8 bytes, not all zero"
            : (_record.StartUnixNano | _record.EndUnixNano) == 0 ? NoTime
            : null;
        if (fault is not null)
        {
            return fault;
        }

        _record.Flags |= (_record.StartUnixNano != 0 ? SpanFlags.Started : 0) | (_record.EndUnixNano != 0 ? SpanFlags.Ended : 0)
            | (_record.Name != 0 ? SpanFlags.NameFromStart : 0);
        _record.AttributeStart = Attributes.Start;
        _record.AttributeCount = Attributes.Count;
        _record.EventCount = _batch.EventCount - _mark.Events;
        _record.LinkCount = _batch.LinkCount - _mark.Links;
        Append();
        _statistics.SpanRecords++;
        return null;
    }

    /// <summary>Ends a log record; returns what is wrong with it instead if it cannot be used.</summary>
    public string? EndLog()
    {
        if (_record.TraceId.IsZero)
        {
            return "no trace context: only log records with a traceId belong to a trace";
        }

        int name = Log.Name != 0 ? Log.Name : Log.Body;
        if (Log.Body != 0 && Log.Body != name)
        {
            Attributes.Add(_batch.Strings.Add("message"u8), AttributeKind.String, Log.Body);
        }

        if (Log.SeverityText != 0 || Log.SeverityNumber != 0)
        {
            int level = Log.SeverityText != 0 ? Log.SeverityText : _batch.Strings.Add(OtlpEnumerations.SeverityName(Log.SeverityNumber));
            Attributes.Add(_batch.Strings.Add("level"u8), AttributeKind.String, level);
        }

        _record.EventCount = 1;
        _batch.AddEvent(new SpanEvent
        {
            TimeUnixNano = Log.Time != 0 ? Log.Time : Log.ObservedTime,
            Name = name != 0 ? name : _batch.Strings.Add("log"u8),
            AttributeStart = Attributes.Start,
            AttributeCount = Attributes.Count,
        });
        Append();
        return null;
    }

    private void Append()
    {
        if (Truncated || Attributes.Truncated || ResourceAttributes.Truncated || ScopeAttributes.Truncated)
        {
            _record.Flags |= SpanFlags.Truncated;
            _statistics.Truncated++;
        }

        _record.Service = _service;
        _record.SharedStart = _sharedStart;
        _record.SharedCount = _sharedCount;
        if (!_serviceKnown)
        {
            _record.Flags |= SpanFlags.ServiceFromSource;
            _statistics.ServiceFromSource++;
        }

        _batch.AddSpan() = _record;
        _statistics.Records++;
    }

    /// <summary>Writes the shared attributes into the batch, unless those of the record before are the same.</summary>
    private void Share()
    {
        SpanBatchMark mark = _batch.Mark();
        FindService();
        Copy(_resource);
        Copy(_scope);
        int count = _batch.AttributeCount - mark.Attributes;
        bool isSame = _sharedGeneration == _generation && count == _sharedCount
            && _batch.Attributes(_sharedStart, count).SequenceEqual(_batch.Attributes(mark.Attributes, count));
        if (isSame)
        {
            _batch.Rewind(mark);
        }
        else
        {
            _sharedStart = mark.Attributes;
            _sharedCount = count;
            _sharedGeneration = _generation;
        }

        _isShared = true;
    }

    private void Copy(SpanBatch from)
    {
        foreach (SpanAttribute attribute in from.Attributes(0, from.AttributeCount))
        {
            if (from == _resource && IsServiceName(attribute))
            {
                continue;
            }

            long bits = attribute.IsText ? _batch.Strings.Add(from.Strings[attribute.Text]) : attribute.Bits;
            _batch.AddAttribute(attribute with { Key = _batch.Strings.Add(from.Strings[attribute.Key]), Bits = bits });
        }
    }

    private bool IsServiceName(in SpanAttribute attribute) =>
        attribute.Kind == AttributeKind.String && attribute.Bits != 0 && _resource.Strings[attribute.Key].SequenceEqual("service.name"u8);

    private void FindService()
    {
        _serviceKnown = false;
        foreach (SpanAttribute attribute in _resource.Attributes(0, _resource.AttributeCount))
        {
            if (IsServiceName(attribute))
            {
                _service = _batch.Strings.Add(_resource.Strings[attribute.Text]);
                _serviceKnown = true;
            }
        }

        if (!_serviceKnown)
        {
            _service = _batch.Strings.Add(_fallbackService);
        }
    }

    /// <summary>Gives the service to records that were written before it was known.</summary>
    private void NameService()
    {
        FindService();
        if (!_serviceKnown)
        {
            return;
        }

        foreach (ref SpanRecord span in _batch.Spans[_firstOfResource..])
        {
            if ((span.Flags & SpanFlags.ServiceFromSource) != 0)
            {
                span.Service = _service;
                span.Flags &= ~SpanFlags.ServiceFromSource;
                _statistics.ServiceFromSource--;
            }
        }
    }

    /// <summary>Adds shared attributes to records that were written before these were known.</summary>
    private void Amend(int first, SpanBatch attributes)
    {
        int oldStart = -1;
        int newStart = 0;
        int newCount = 0;
        for (int i = first; i < _batch.Count; i++)
        {
            ref SpanRecord span = ref _batch[i];
            if (span.SharedStart != oldStart || i == first)
            {
                oldStart = span.SharedStart;
                SpanAttribute[] earlier = _batch.Attributes(span.SharedStart, span.SharedCount).ToArray();
                newStart = _batch.AddAttributes(earlier);
                Copy(attributes);
                newCount = _batch.AttributeCount - newStart;
            }

            span.SharedStart = newStart;
            span.SharedCount = newCount;
        }
    }
}
