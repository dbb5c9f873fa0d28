using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>Reads one span of Jaeger's JSON.</summary>
internal sealed class JaegerSpanParser(ReadLimits limits, SourceStatistics statistics, string service)
{
    private const int NanosPerMicro = 3;

    private readonly List<JaegerReference> _references = [];

    /// <summary>Where spans are built.</summary>
    public SpanBuilder Builder { get; } = new(limits, statistics, service);

    /// <summary>Appends a span without its process; returns what is wrong with it instead if it cannot be used.</summary>
    public string? Read(ReadOnlySpan<byte> record, SpanBatch batch, out JaegerProcessReference process)
    {
        Builder.Begin(batch);
        _references.Clear();
        process = new JaegerProcessReference(null, []);
        if (record[0] != '{')
        {
            return "a span is a JSON object";
        }

        ref SpanRecord span = ref Builder.Span;
        Utf8JsonReader json = new(record, Builder.Options);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string? fault = ReadField(ref json, record, ref span, ref process);
            if (fault is not null)
            {
                return fault;
            }
        }

        return span.TraceId.IsZero ? "no traceID: expected 16 or 32 hex digits"
            : span.SpanId.IsZero ? "no spanID: expected 16 hex digits"
            : span.StartUnixNano == 0 ? "no startTime: expected microseconds since 1970"
            : Finish(ref span);
    }

    private string? ReadField(ref Utf8JsonReader json, ReadOnlySpan<byte> record, ref SpanRecord span, ref JaegerProcessReference process)
    {
        if (json.ValueTextEquals("traceID"u8))
        {
            json.Read();
            return TraceId.TryParse(Builder.Raw(ref json), out span.TraceId) ? null : "the traceID is not hexadecimal: expected 16 or 32 hex digits, not all zeros";
        }

        if (json.ValueTextEquals("spanID"u8))
        {
            json.Read();
            return SpanId.TryParse(Builder.Raw(ref json), out span.SpanId) ? null : "the spanID is not hexadecimal: expected 16 hex digits, not all zeros";
        }

        if (json.ValueTextEquals("startTime"u8))
        {
            json.Read();
            return Timestamps.TryParseDecimal(Builder.Raw(ref json), NanosPerMicro, out span.StartUnixNano) ? null : "the startTime is no number of microseconds since 1970";
        }

        if (json.ValueTextEquals("duration"u8))
        {
            json.Read();
            bool parsed = Timestamps.TryParseDecimal(Builder.Raw(ref json), NanosPerMicro, out long duration);
            span.ReportedDurationNano = duration;
            return parsed ? null : "the duration is no number of microseconds";
        }

        if (json.ValueTextEquals("operationName"u8))
        {
            json.Read();
            span.Name = Builder.Text(ref json);
        }
        else if (json.ValueTextEquals("parentSpanID"u8))
        {
            json.Read();
            _ = SpanId.TryParse(Builder.Raw(ref json), out span.ParentSpanId);
        }
        else if (json.ValueTextEquals("references"u8))
        {
            json.Read();
            ReadReferences(ref json);
        }
        else if (json.ValueTextEquals("tags"u8))
        {
            json.Read();
            JaegerTags.Read(ref json, record, Builder, Builder.Attributes, AttributeScope.Span);
        }
        else if (json.ValueTextEquals("logs"u8))
        {
            json.Read();
            ReadLogs(ref json, record);
        }
        else if (json.ValueTextEquals("processID"u8))
        {
            json.Read();
            process = process with { Id = Encoding.UTF8.GetString(Builder.Raw(ref json)) };
        }
        else if (json.ValueTextEquals("process"u8))
        {
            json.Read();
            int start = (int)json.TokenStartIndex;
            bool isObject = json.TokenType == JsonTokenType.StartObject;
            json.Skip();
            process = isObject ? process with { Process = record[start..(int)json.BytesConsumed].ToArray() } : process;
        }

        // Flags, warnings and what a newer Jaeger may add tell nothing of the span.
        json.Skip();
        return null;
    }

    private string? Finish(ref SpanRecord span)
    {
        long duration = span.ReportedDurationNano ?? 0;
        span.EndUnixNano = span.StartUnixNano + Math.Min(duration, long.MaxValue - span.StartUnixNano);
        span.Flags = SpanFlags.Started | SpanFlags.Ended;
        JaegerReference.Apply(_references, ref span, Builder);
        ReadKnownTags(ref span);
        Builder.Commit();

        // Counted again when it turns out that the trace knows no process for the span.
        statistics.ServiceFromSource--;
        return null;
    }

    /// <summary>What OpenTracing's and OpenTelemetry's conventions put into tags goes to the span's fields.</summary>
    private void ReadKnownTags(ref SpanRecord span)
    {
        if (SpanLogValues.TryParseKind(Builder.Find("span.kind"u8), out SpanKind kind))
        {
            span.Kind = kind;
            Builder.Remove("span.kind"u8);
        }

        ReadOnlySpan<byte> status = Builder.Find("otel.status_code"u8);
        span.Status = status.SequenceEqual("ERROR"u8) ? SpanStatus.Error : status.SequenceEqual("OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        if (!status.IsEmpty)
        {
            Builder.Remove("otel.status_code"u8);
        }

        if (Builder.Has("error"u8))
        {
            ReadOnlySpan<byte> error = Builder.Find("error"u8);
            if (Builder.IsTrue("error"u8) || error.SequenceEqual("true"u8))
            {
                span.Status = SpanStatus.Error;
                Builder.Remove("error"u8);
            }
            else if (!error.IsEmpty && !error.SequenceEqual("false"u8))
            {
                span.Status = SpanStatus.Error;
                span.StatusMessage = Builder.Text(error);
            }
        }

        ReadOnlySpan<byte> description = Builder.Find("otel.status_description"u8);
        if (!description.IsEmpty)
        {
            span.StatusMessage = Builder.Text(description);
            Builder.Remove("otel.status_description"u8);
        }

        ReadOnlySpan<byte> state = Builder.Find("w3c.tracestate"u8);
        if (!state.IsEmpty)
        {
            span.TraceState = Builder.Text(state);
            Builder.Remove("w3c.tracestate"u8);
        }
    }

    private void ReadReferences(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject && JaegerReference.TryRead(ref json, Builder, out JaegerReference reference) && _references.Count < limits.AttributesPerSpan)
            {
                _references.Add(reference);
            }

            json.Skip();
        }
    }

    private void ReadLogs(ref Utf8JsonReader json, ReadOnlySpan<byte> record)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            long time = 0;
            AttributeList fields = Builder.BeginEvent();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isTime = json.ValueTextEquals("timestamp"u8);
                bool isFields = json.ValueTextEquals("fields"u8);
                json.Read();
                if (isTime)
                {
                    Timestamps.TryParseDecimal(Builder.Raw(ref json), NanosPerMicro, out time);
                }
                else if (isFields)
                {
                    JaegerTags.Read(ref json, record, Builder, fields, AttributeScope.Span);
                }

                json.Skip();
            }

            Builder.EndEvent(JaegerLog.Name(fields, Builder), time);
        }
    }
}
