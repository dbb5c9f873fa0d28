using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.LogLines;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>Decides what a record that was read means, and appends it to the batch.</summary>
internal sealed class SpanLogWriter(ReadLimits limits, SpanLogParser parser, SourceStatistics statistics, string fallbackService, SpanLogDefaults? defaults)
{
    /// <summary>What is wrong with a record that belongs to no trace.</summary>
    public const string NoTraceId = "no trace_id: expected a field trace_id of 32 hex digits, or a traceparent";

    private readonly AttributeList _shared = new();
    private long _generation;
    private int _sharedStart;
    private int _fallbackService;

    /// <summary>What stood around the record.</summary>
    public Envelope Envelope;

    /// <summary>Appends the record; returns what is wrong with it instead if it cannot be used.</summary>
    public string? Write(SpanBatch batch)
    {
        if (_generation != batch.Strings.Generation)
        {
            _generation = batch.Strings.Generation;
            _shared.Clear();
            _fallbackService = batch.Strings.Add(System.Text.Encoding.UTF8.GetBytes(fallbackService));
        }

        ref SpanLogRecord record = ref parser.Record;
        if (record.IsSerilog)
        {
            SerilogRecord.Apply(parser, batch.Strings);
        }

        ApplyOtherIds(ref record);
        if (!Envelope.IsEmpty)
        {
            ApplyEnvelope(ref record);
        }

        if (defaults is not null)
        {
            ApplyDefaults(ref record, defaults, batch.Strings);
        }

        if (record.TraceId.IsZero)
        {
            return parser.FaultOf(SpanLogField.TraceId, SpanLogField.TraceParent) ?? NoTraceId;
        }

        SpanFlags told = Told(in record);
        if (told != SpanFlags.None)
        {
            bool timed = (told & SpanFlags.Started) != 0 ? record.Start != 0 : record.End != 0;
            if (!timed)
            {
                return parser.FaultOf(SpanLogField.Timestamp, SpanLogField.StartTime, SpanLogField.EndTime) ?? NoTime(in record);
            }

            bool unmeasured = record.HasOddDuration && record.DurationField is null && record.EndTime == 0 && (told & SpanFlags.Ended) != 0;
            record.Odd |= unmeasured ? SpanFlags.OddDuration : SpanFlags.None;
            if (record.SpanId.IsZero)
            {
                record.SpanId = LoggedId.Derive(parser.Raw);
                record.Odd |= SpanFlags.OddSpanId;
            }
        }

        parser.Values.ResolveTexts();
        if (told == SpanFlags.None)
        {
            // In Application Insights' tables, a line's parent is the span that it was logged in.
            bool isAzure = record.HasForeignField && record.TraceId == record.OtherTraceId;
            record.SpanId = isAzure && record.SpanId.IsZero ? record.ParentSpanId : record.SpanId;
            WriteEvent(batch, ref record);
        }
        else
        {
            WriteSpan(batch, ref record, told);
        }

        return null;
    }

    /// <summary>
    /// Whether the record tells a span's start or end, or both; neither is an event. Without an id of its own only a record is a span's that is named
    /// as one and tells all of it: of a start and an end nothing would say that they belong together.
    /// </summary>
    private static SpanFlags Told(in SpanLogRecord record)
    {
        bool named = record.OwnName != 0 && record.Message == 0;
        bool identified = !record.SpanId.IsZero;
        switch (record.Event)
        {
            case SpanLogEvent.SpanStart when identified:
                return SpanFlags.Started;
            case SpanLogEvent.SpanEnd when identified:
                return record.StartTime != 0 ? SpanFlags.Started | SpanFlags.Ended : SpanFlags.Ended;
            case SpanLogEvent.None when identified || (record.SpanName != 0 && named):
                bool measured = record.DurationField is not null || (record.HasOddDuration && named && record.StartTime == 0);
                bool ended = record.EndTime != 0 || measured;
                bool started = record.StartTime != 0 && (ended || (identified && record.Message == 0));
                return (started ? SpanFlags.Started : 0) | (ended ? SpanFlags.Ended : 0);
            default:
                return SpanFlags.None;
        }
    }

    private static string NoTime(in SpanLogRecord record)
    {
        string what = record.Event switch
        {
            SpanLogEvent.SpanStart => "a span_start",
            SpanLogEvent.SpanEnd => "a span_end",
            _ => "a span's record",
        };
        return $"no timestamp: {what} needs one, {Timestamps.Expected}";
    }

    private static void ApplyOtherIds(ref SpanLogRecord record)
    {
        if (record.TraceId.IsZero && !record.HeaderTraceId.IsZero)
        {
            record.TraceId = record.HeaderTraceId;
            record.SpanId = record.SpanId.IsZero ? record.HeaderSpanId : record.SpanId;
        }

        record.TraceId = record.TraceId.IsZero ? record.OtherTraceId : record.TraceId;
        record.SpanId = record.SpanId.IsZero ? record.OtherSpanId : record.SpanId;
    }

    private void ApplyEnvelope(ref SpanLogRecord record)
    {
        Envelope envelope = Envelope;
        if (record.TraceId.IsZero)
        {
            record.TraceId = envelope.TraceId;
            record.SpanId = record.SpanId.IsZero ? envelope.SpanId : record.SpanId;
        }

        bool timed = (record.Timestamp | record.StartTime | record.EndTime) != 0;
        record.Timestamp = timed ? record.Timestamp : envelope.TimeUnixNano;
        record.Service = record.Service != 0 ? record.Service : parser.Values.Intern(envelope.Service.Span);
    }

    private void ApplyDefaults(ref SpanLogRecord record, SpanLogDefaults envelope, StringTable strings)
    {
        if (record.TraceId.IsZero || record.TraceId == envelope.TraceId)
        {
            record.TraceId = envelope.TraceId;
            record.SpanId = record.SpanId.IsZero ? envelope.SpanId : record.SpanId;
        }

        record.TraceState = record.TraceState != 0 ? record.TraceState : strings.Add(envelope.TraceState);
        record.Service = record.Service != 0 ? record.Service : strings.Add(envelope.Service);
        AddDefault(parser.Keys.CorrelationId, envelope.CorrelationId);
        AddDefault(parser.Keys.RequestId, envelope.RequestId);
        if (envelope.Baggage.Length > 0)
        {
            parser.ReadBaggage(envelope.Baggage);
        }
    }

    private void AddDefault(AttributeKey key, byte[] value)
    {
        if (value.Length > 0 && !parser.Values.Has(key))
        {
            parser.Values.AddText(parser.Context, key, parser.Values.Intern(value));
        }
    }

    private void WriteSpan(SpanBatch batch, ref SpanLogRecord record, SpanFlags told)
    {
        SpanLogKeys keys = parser.Keys;
        AttributeList attributes = parser.Attributes;
        AttributeRank rank = told == SpanFlags.Started ? AttributeRank.Start : AttributeRank.End;
        if ((record.Message | record.EventName | record.ErrorCode | record.ErrorMessage | record.StackTrace) != 0)
        {
            parser.Values.AddText(attributes, keys.Message, record.Message);
            parser.Values.AddText(attributes, keys.EventName, record.EventName);
            parser.Values.AddText(attributes, keys.ErrorType, record.ErrorCode);
            parser.Values.AddText(attributes, keys.ExceptionStackTrace, record.StackTrace);
            parser.Values.AddText(attributes, keys.ExceptionMessage, record.StatusMessage != 0 ? record.ErrorMessage : 0);
            record.StatusMessage = record.StatusMessage != 0 ? record.StatusMessage : record.ErrorMessage;
            record.Failed |= (record.ErrorCode | record.ErrorMessage) != 0;
        }

        if (record.SpanName != 0 && record.Name != 0 && record.Name != record.SpanName)
        {
            parser.Values.AddText(attributes, keys.Name, record.Name);
        }

        ref SpanRecord span = ref AddRecord(batch, record);
        span.Flags |= told | record.Odd;
        span.Name = record.OwnName;
        span.StatusMessage = record.StatusMessage;
        span.Status = record.Status != SpanStatus.Unset ? record.Status : record.Failed ? SpanStatus.Error : SpanStatus.Unset;
        if ((told & SpanFlags.Started) != 0)
        {
            span.StartUnixNano = record.Start;
        }

        if ((told & SpanFlags.Ended) != 0)
        {
            // A complete span without an end has a start and a duration; its timestamp is merely when it was logged.
            bool derived = (told & SpanFlags.Started) != 0 && record.EndTime == 0 && record.Event == SpanLogEvent.None;
            span.EndUnixNano = derived ? Sum(record.StartTime, Math.Max(0, record.Duration)) : record.End;
            span.ReportedDurationNano = record.DurationField is null || record.Duration < 0 ? null : record.Duration;
            if (told == SpanFlags.Ended && record.Event == SpanLogEvent.None && record.EndTime == 0 && span.ReportedDurationPlusOne > 1)
            {
                ReadTimestamp(ref span);
            }
        }

        span.AttributeStart = Append(batch, attributes, rank, out int own);
        Append(batch, parser.Context, rank, out int context);
        span.AttributeCount = own + context;
        statistics.SpanRecords++;
    }

    /// <summary>Makes the only time of a record with a duration what the setting says that it is.</summary>
    private void ReadTimestamp(ref SpanRecord span)
    {
        switch (limits.Timestamp)
        {
            case TimestampMeaning.Auto:
                span.Flags |= SpanFlags.TimeIsAmbiguous;
                break;
            case TimestampMeaning.Start:
                span.Flags |= SpanFlags.Started;
                span.StartUnixNano = span.EndUnixNano;
                span.EndUnixNano = Sum(span.StartUnixNano, span.ReportedDurationPlusOne - 1);
                break;
        }
    }

    private void WriteEvent(SpanBatch batch, ref SpanLogRecord record)
    {
        AttributeList attributes = parser.Attributes;
        int name = NameEvent(batch.Strings, ref record);
        parser.KeepDuration();
        bool failure = record.Event == SpanLogEvent.SpanError;
        AddErrorOfEvent(batch.Strings, ref record, failure);
        parser.Values.ResolveTexts();
        int start = Append(batch, attributes, AttributeRank.End, out int count);
        int context = Append(batch, parser.Context, record.SpanId.IsZero ? AttributeRank.End : AttributeRank.During, out int contextCount);

        ref SpanRecord span = ref AddRecord(batch, record);
        span.Name = record.SpanName;
        span.EventCount = 1;
        if (failure)
        {
            span.Status = SpanStatus.Error;
            span.StatusMessage = record.StatusMessage != 0 ? record.StatusMessage : record.ErrorMessage;
        }

        if (record.SpanId.IsZero)
        {
            // A trace has events but no attributes: what would be its span's goes with the event.
            count += contextCount;
        }
        else
        {
            span.AttributeStart = context;
            span.AttributeCount = contextCount;
        }

        span.EventStart = batch.AddEvent(new SpanEvent
        {
            TimeUnixNano = record.Timestamp != 0 ? record.Timestamp : record.StartTime,
            Name = name,
            AttributeStart = start,
            AttributeCount = count,
        });
    }

    /// <summary>Chooses the event's name, and keeps the other candidates as attributes.</summary>
    private int NameEvent(StringTable strings, ref SpanLogRecord record)
    {
        SpanLogKeys keys = parser.Keys;
        AttributeList attributes = parser.Attributes;
        int custom = record.Event == SpanLogEvent.Other ? record.EventText : 0;
        if (record.Event == SpanLogEvent.SpanError)
        {
            parser.Values.AddText(attributes, keys.EventName, record.EventName);
            parser.Values.AddText(attributes, keys.Name, record.Name);
            int message = record.ErrorMessage != 0 ? record.Message : 0;
            parser.Values.AddText(attributes, keys.Message, message);
            record.ErrorMessage = record.ErrorMessage != 0 ? record.ErrorMessage : record.Message;
            return strings.Add("exception"u8);
        }

        // A logger's lines carry its own name in "name": in them the message says what happened.
        bool named = record.Event == SpanLogEvent.SpanEvent || record.Message == 0;
        int name = custom != 0 ? custom
            : record.EventName != 0 ? record.EventName
            : named && record.Name != 0 ? record.Name
            : record.Message;
        AddUnless(name, record.EventName, keys.EventName);
        AddUnless(name, record.Name, keys.Name);
        AddUnless(name, record.Message, keys.Message);
        return name != 0 ? name
            : record.Event is SpanLogEvent.SpanStart or SpanLogEvent.SpanEnd ? record.EventText
            : parser.IsMessage ? strings.Add("message"u8)
            : record.Event == SpanLogEvent.SpanEvent ? strings.Add("span_event"u8)
            : strings.Add("log"u8);
    }

    private void AddUnless(int name, int text, AttributeKey key)
    {
        if (text != name)
        {
            parser.Values.AddText(parser.Attributes, key, text);
        }
    }

    private void AddErrorOfEvent(StringTable strings, ref SpanLogRecord record, bool failure)
    {
        SpanLogKeys keys = parser.Keys;
        AttributeList attributes = parser.Attributes;
        parser.Values.AddText(attributes, keys.ExceptionType, record.ErrorCode);
        parser.Values.AddText(attributes, keys.ExceptionMessage, record.ErrorMessage);
        parser.Values.AddText(attributes, keys.ExceptionStackTrace, record.StackTrace);
        if (!failure && record.Status != SpanStatus.Unset)
        {
            parser.Values.AddText(attributes, keys.Status, strings.Add(record.Status == SpanStatus.Ok ? "OK"u8 : "ERROR"u8));
        }

        if (!failure)
        {
            parser.Values.AddText(attributes, keys.StatusMessage, record.StatusMessage);
            if (record.Failed)
            {
                parser.Values.Add(attributes, keys.Error, AttributeKind.Bool, 1);
            }
        }
    }

    private ref SpanRecord AddRecord(SpanBatch batch, in SpanLogRecord record)
    {
        int shared = Share(batch);
        ref SpanRecord span = ref batch.AddSpan();
        span.TraceId = record.TraceId;
        span.SpanId = record.SpanId;
        span.ParentSpanId = record.ParentSpanId;
        span.Kind = record.Kind;
        span.TraceState = record.TraceState;
        AddLinks(batch, ref span);
        span.SharedStart = _sharedStart;
        span.SharedCount = shared;
        span.Service = record.Service;
        if (record.Service == 0)
        {
            span.Service = _fallbackService;
            span.Flags |= SpanFlags.ServiceFromSource;
            statistics.ServiceFromSource++;
        }

        if (parser.Values.HasOddNumber)
        {
            span.Flags |= SpanFlags.OddNumber;
        }

        if (parser.Values.Truncated)
        {
            span.Flags |= SpanFlags.Truncated;
            statistics.Truncated++;
        }

        statistics.Records++;
        return ref span;
    }

    private void AddLinks(SpanBatch batch, ref SpanRecord span)
    {
        if (parser.Links.Count > 0)
        {
            (span.LinkStart, span.LinkCount) = (batch.LinkCount, parser.Links.Count);
            foreach (SpanLink link in parser.Links)
            {
                batch.AddLink(link);
            }
        }
    }

    /// <summary>Appends the resource's attributes, unless the record before had the same ones.</summary>
    private int Share(SpanBatch batch)
    {
        AttributeList resource = parser.Resource;
        if (resource.Count > 0 && !resource.IsSameAs(_shared))
        {
            _shared.CopyFrom(resource);

            _sharedStart = batch.AddAttributes(resource.Items);
        }

        return resource.Count;
    }

    private static int Append(SpanBatch batch, AttributeList list, AttributeRank rank, out int count)
    {
        count = list.Count;
        if (count == 0)
        {
            return batch.AttributeCount;
        }

        if (rank != AttributeRank.End)
        {
            foreach (ref SpanAttribute attribute in list.Items)
            {
                attribute = attribute with { Rank = rank };
            }
        }

        return batch.AddAttributes(list.Items);
    }

    private static long Sum(long start, long duration) => duration > long.MaxValue - start ? long.MaxValue : start + duration;
}
