using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>
/// Reads Zipkin's JSON, version 2 (openzipkin/zipkin-api, <c>zipkin2-api.yaml</c>): arrays of spans, arrays of such arrays, and a span a line.
/// </summary>
internal sealed class ZipkinReader(ReadLimits limits, SourceStatistics statistics, string service) : JsonRecordReader(limits, statistics)
{
    private const int NanosPerMicro = 3;

    private readonly SpanBuilder _builder = new(limits, statistics, service);
    private readonly ZipkinEndpoint _local = new();
    private readonly ZipkinEndpoint _remote = new();

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Zipkin;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = Root;
        return value[0] == '[' ? JsonHandling.Enter : JsonHandling.Record;
    }

    /// <inheritdoc/>
    protected override string? ReadRecord(int place, ReadOnlySpan<byte> record, SpanBatch batch)
    {
        _builder.Begin(batch);
        _local.Clear();
        _remote.Clear();
        ref SpanRecord span = ref _builder.Span;
        span.Kind = SpanKind.Internal;
        bool shared = false;
        Utf8JsonReader json = new(record, _builder.Options);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string? fault = ReadField(ref json, record, ref span, ref shared);
            if (fault is not null)
            {
                return fault;
            }
        }

        return span.TraceId.IsZero ? "no traceId: expected 16 or 32 hex digits"
            : span.SpanId.IsZero ? "no id: expected 16 hex digits"
            : Finish(ref span, shared);
    }

    private string? ReadField(ref Utf8JsonReader json, ReadOnlySpan<byte> record, ref SpanRecord span, ref bool shared)
    {
        if (json.ValueTextEquals("traceId"u8))
        {
            json.Read();
            return TraceId.TryParse(_builder.Raw(ref json), out span.TraceId) ? null : "the traceId is not hexadecimal: expected 16 or 32 hex digits, not all zeros";
        }

        if (json.ValueTextEquals("id"u8))
        {
            json.Read();
            return SpanId.TryParse(_builder.Raw(ref json), out span.SpanId) ? null : "the id is not hexadecimal: expected 16 hex digits, not all zeros";
        }

        if (json.ValueTextEquals("parentId"u8))
        {
            json.Read();
            return json.TokenType == JsonTokenType.Null || SpanId.TryParse(_builder.Raw(ref json), out span.ParentSpanId)
                ? null : "the parentId is not hexadecimal: expected 16 hex digits, not all zeros";
        }

        if (json.ValueTextEquals("timestamp"u8))
        {
            return ReadMicros(ref json, out span.StartUnixNano) ? null : "the timestamp is no number of microseconds since 1970";
        }

        if (json.ValueTextEquals("duration"u8))
        {
            bool isTime = ReadMicros(ref json, out long duration);
            span.ReportedDurationNano = json.TokenType == JsonTokenType.Null ? null : duration;
            return isTime ? null : "the duration is no number of microseconds";
        }

        if (json.ValueTextEquals("name"u8))
        {
            json.Read();
            span.Name = _builder.Text(ref json);
        }
        else if (json.ValueTextEquals("kind"u8))
        {
            json.Read();
            span.Kind = Kind(_builder.Raw(ref json));
        }
        else if (json.ValueTextEquals("localEndpoint"u8))
        {
            json.Read();
            _local.Read(ref json, _builder);
        }
        else if (json.ValueTextEquals("remoteEndpoint"u8))
        {
            json.Read();
            _remote.Read(ref json, _builder);
        }
        else if (json.ValueTextEquals("tags"u8))
        {
            json.Read();
            _builder.AddFields(_builder.Attributes, ref json, record);
        }
        else if (json.ValueTextEquals("annotations"u8))
        {
            json.Read();
            ReadAnnotations(ref json);
        }
        else if (json.ValueTextEquals("shared"u8))
        {
            json.Read();
            shared = json.TokenType == JsonTokenType.True;
            json.Skip();
        }
        else if (json.ValueTextEquals("debug"u8))
        {
            json.Read();
            if (json.TokenType == JsonTokenType.True)
            {
                _builder.Add(_builder.Attributes, _builder.Text("zipkin.debug"u8), AttributeKind.Bool, 1);
            }

            json.Skip();
        }
        else
        {
            int key = _builder.Text(ref json);
            json.Read();
            _builder.Add(_builder.Attributes, key, ref json, record);
        }

        return null;
    }

    private string? Finish(ref SpanRecord span, bool shared)
    {
        if (span.StartUnixNano != 0)
        {
            // A message that was sent or received takes no time of its own: it has no duration, and will get none.
            bool ended = span.ReportedDurationNano is not null || span.Kind is SpanKind.Producer or SpanKind.Consumer;
            long duration = Math.Min(span.ReportedDurationNano ?? 0, long.MaxValue - span.StartUnixNano);
            span.EndUnixNano = ended ? span.StartUnixNano + duration : 0;
            span.Flags |= ended ? SpanFlags.Started | SpanFlags.Ended : SpanFlags.Started;
        }

        span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
        if (shared && span.Kind == SpanKind.Server)
        {
            span.SpanId = SharedSpan.ServerHalf(span.SpanId);
            span.Flags |= SpanFlags.SharedServer;
        }

        span.Service = _builder.Text(_local.Service);
        _builder.AddIfAbsent("network.local.address"u8, _local.Address);
        _builder.AddIfAbsent("peer.service"u8, _remote.Service);
        _builder.AddIfAbsent("network.peer.address"u8, _remote.Address);
        if (_remote.Port > 0)
        {
            _builder.Add(_builder.Attributes, _builder.Text("network.peer.port"u8), AttributeKind.Int64, _remote.Port);
        }

        ReadStatus(ref span);
        _builder.Commit();
        return null;
    }

    /// <summary>A tag <c>error</c> says that the span failed, whatever its value, which may be a message; OpenTelemetry's exporter adds a status.</summary>
    private void ReadStatus(ref SpanRecord span)
    {
        ReadOnlySpan<byte> status = _builder.Find("otel.status_code"u8);
        span.Status = status.SequenceEqual("ERROR"u8) ? SpanStatus.Error : status.SequenceEqual("OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        if (_builder.Has("error"u8))
        {
            ReadOnlySpan<byte> error = _builder.Find("error"u8);
            bool denied = error.SequenceEqual("false"u8);
            bool message = !denied && error.Length > 0 && !error.SequenceEqual("true"u8);
            span.Status = denied ? span.Status : SpanStatus.Error;
            span.StatusMessage = message ? _builder.Text(error) : 0;
        }

        ReadOnlySpan<byte> description = _builder.Find("otel.status_description"u8);
        span.StatusMessage = description.IsEmpty ? span.StatusMessage : _builder.Text(description);
    }

    private void ReadAnnotations(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            json.Skip();
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
            int name = 0;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("timestamp"u8))
                {
                    ReadMicros(ref json, out time);
                }
                else
                {
                    bool isValue = json.ValueTextEquals("value"u8);
                    json.Read();
                    name = isValue ? _builder.Text(ref json) : name;
                    json.Skip();
                }
            }

            _builder.BeginEvent();
            _builder.EndEvent(name, time);
        }
    }

    /// <summary>Reads a number of microseconds, as a number or text, into nanoseconds; nothing at all is 0.</summary>
    private bool ReadMicros(ref Utf8JsonReader json, out long nano)
    {
        json.Read();
        nano = 0;
        if (json.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        bool parsed = Timestamps.TryParseDecimal(_builder.Raw(ref json), NanosPerMicro, out nano);
        json.Skip();
        return parsed;
    }

    private static SpanKind Kind(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("CLIENT"u8) ? SpanKind.Client
        : text.SequenceEqual("SERVER"u8) ? SpanKind.Server
        : text.SequenceEqual("PRODUCER"u8) ? SpanKind.Producer
        : text.SequenceEqual("CONSUMER"u8) ? SpanKind.Consumer
        : SpanKind.Internal;
}
