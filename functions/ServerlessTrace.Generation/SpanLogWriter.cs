using System.Buffers;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>
/// Writes spans as span logs, one JSON object a line, ordered by time. A span that is known to have started and ended becomes a
/// <c>span_start</c> and a <c>span_end</c> record, one that only ended a <c>span_end</c> with its duration; each of its events a <c>span_event</c>.
/// </summary>
internal sealed class SpanLogWriter
{
    private readonly JsonLine _line = new();
    private GrowingArray<LoggedMoment> _moments = new(256);

    /// <summary>Writes all records of a batch; each goes where its service's number in the batch says.</summary>
    public void Write(SpanBatch batch, Func<int, IBufferWriter<byte>> outputOf)
    {
        _moments.Clear();
        for (int i = 0; i < batch.Count; i++)
        {
            AddMoments(batch, i);
        }

        Span<LoggedMoment> moments = _moments.Span(0, _moments.Count);
        moments.Sort();
        foreach (ref readonly LoggedMoment moment in moments)
        {
            ref SpanRecord span = ref batch[moment.Span];
            _line.Clear();
            WriteRecord(batch, ref span, moment);
            _line.End();
            outputOf(span.Service).Write(_line.Written);
        }
    }

    private void AddMoments(SpanBatch batch, int index)
    {
        ref SpanRecord span = ref batch[index];
        if ((span.Flags & SpanFlags.Started) != 0)
        {
            _moments.Add() = new LoggedMoment(span.StartUnixNano, index, LoggedMoment.Start);
        }

        ReadOnlySpan<SpanEvent> events = batch.Events(span);
        for (int e = 0; e < events.Length; e++)
        {
            _moments.Add() = new LoggedMoment(events[e].TimeUnixNano, index, e);
        }

        if ((span.Flags & SpanFlags.Ended) != 0)
        {
            _moments.Add() = new LoggedMoment(span.EndUnixNano, index, LoggedMoment.End);
        }
    }

    private void WriteRecord(SpanBatch batch, ref SpanRecord span, in LoggedMoment moment)
    {
        switch (moment.Part)
        {
            case LoggedMoment.Start:
                WriteStart(batch, ref span, moment.Time);
                break;
            case LoggedMoment.End:
                WriteEnd(batch, ref span, moment.Time);
                break;
            default:
                WriteEvent(batch, ref span, batch.Events(span)[moment.Part]);
                break;
        }
    }

    private void WriteStart(SpanBatch batch, ref SpanRecord span, long time)
    {
        WriteHead(batch, ref span, time);
        _line.Literal(",\"event\":\"span_start\",\"level\":\"INFO\",\"message\":\""u8);
        _line.Escaped(batch.Strings[span.Name]);
        _line.Literal(" started\",\"duration_ms\":0"u8);
        WriteAttributes(batch, ref span, AttributeRank.Start);
    }

    private void WriteEvent(SpanBatch batch, ref SpanRecord span, in SpanEvent spanEvent)
    {
        WriteHead(batch, ref span, spanEvent.TimeUnixNano);
        _line.Literal(",\"event\":\"span_event\",\"event_name\":\""u8);
        _line.Escaped(batch.Strings[spanEvent.Name]);
        _line.Literal("\",\"attributes\":{"u8);
        bool first = true;
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(spanEvent))
        {
            WriteAttribute(batch, attribute, ref first);
        }

        _line.Literal("}"u8);
    }

    private void WriteEnd(SpanBatch batch, ref SpanRecord span, long time)
    {
        WriteHead(batch, ref span, time);
        _line.Literal(",\"event\":\"span_end\""u8);
        if (span.ReportedDurationNano is { } duration)
        {
            _line.Literal(",\"duration_ms\":"u8);
            _line.Milliseconds(duration);
        }

        _line.Literal(span.Status switch
        {
            SpanStatus.Error => ",\"status\":\"ERROR\""u8,
            SpanStatus.Ok => ",\"status\":\"OK\""u8,
            _ => [],
        });
        if (span.StatusMessage != 0)
        {
            _line.Field(",\"error_message\":\""u8, batch.Strings[span.StatusMessage]);
        }

        WriteAttributes(batch, ref span, AttributeRank.End);
    }

    private void WriteHead(SpanBatch batch, ref SpanRecord span, long time)
    {
        _line.Literal("{\"timestamp\":\""u8);
        _line.Timestamp(time);
        _line.Field("\",\"service\":\""u8, batch.Strings[span.Service]);
        _line.Literal(",\"trace_id\":\""u8);
        _line.TraceId(span.TraceId);
        _line.Literal("\",\"span_id\":\""u8);
        _line.SpanId(span.SpanId);
        if (!span.ParentSpanId.IsZero)
        {
            _line.Literal("\",\"parent_span_id\":\""u8);
            _line.SpanId(span.ParentSpanId);
        }

        _line.Field("\",\"span_name\":\""u8, batch.Strings[span.Name]);
        _line.Literal(span.Kind switch
        {
            SpanKind.Internal => ",\"span_kind\":\"INTERNAL\""u8,
            SpanKind.Server => ",\"span_kind\":\"SERVER\""u8,
            SpanKind.Client => ",\"span_kind\":\"CLIENT\""u8,
            SpanKind.Producer => ",\"span_kind\":\"PRODUCER\""u8,
            SpanKind.Consumer => ",\"span_kind\":\"CONSUMER\""u8,
            _ => [],
        });
    }

    private void WriteAttributes(SpanBatch batch, ref SpanRecord span, AttributeRank rank)
    {
        ReadOnlySpan<SpanAttribute> attributes = batch.Attributes(span);
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Rank == rank && attribute.Scope == AttributeScope.Span && SpanLogFields.NameOf(batch.Strings[attribute.Key]) is { IsEmpty: false } name)
            {
                _line.Key(name, first: false);
                WriteValue(batch, attribute);
            }
        }

        WriteObject(batch, batch.SharedAttributes(span), ",\"resource\":{"u8, AttributeScope.Resource, null);
        WriteObject(batch, attributes, ",\"baggage\":{"u8, AttributeScope.Baggage, rank);
        WriteObject(batch, attributes, ",\"attributes\":{"u8, AttributeScope.Span, rank);
    }

    private void WriteObject(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes, ReadOnlySpan<byte> open, AttributeScope scope, AttributeRank? rank)
    {
        bool first = true;
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Scope != scope || (rank is not null && attribute.Rank != rank)
                || (scope == AttributeScope.Span && !SpanLogFields.NameOf(batch.Strings[attribute.Key]).IsEmpty))
            {
                continue;
            }

            if (first)
            {
                _line.Literal(open);
            }

            WriteAttribute(batch, attribute, ref first);
        }

        if (!first)
        {
            _line.Literal("}"u8);
        }
    }

    private void WriteAttribute(SpanBatch batch, in SpanAttribute attribute, ref bool first)
    {
        _line.Key(batch.Strings[attribute.Key], first);
        first = false;
        WriteValue(batch, attribute);
    }

    private void WriteValue(SpanBatch batch, in SpanAttribute attribute)
    {
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                _line.Number(attribute.Bits);
                break;
            case AttributeKind.Double:
                _line.Number(attribute.Number);
                break;
            case AttributeKind.Bool:
                _line.Literal(attribute.Bits != 0 ? "true"u8 : "false"u8);
                break;
            case AttributeKind.Json:
                _line.Literal(batch.Strings[attribute.Text]);
                break;
            default:
                _line.Literal("\""u8);
                _line.Escaped(batch.Strings[attribute.Text]);
                _line.Literal("\""u8);
                break;
        }
    }
}
