using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenTelemetry;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>
/// Writes spans as span logs, a JSON object a line. It allocates nothing a span but what attributes of unusual types need as texts. Not for several
/// threads at once.
/// </summary>
/// <remarks>
/// The backend has a writer of the same records, of its packed spans; this one writes activities, and a sender's package
/// carries no backend. What ties the two together is a test: everything written here is read there.
/// </remarks>
/// <param name="format">What they say besides the span.</param>
public sealed class SpanLogWriter(SpanLogFormat format) : IDisposable
{
    private const string ExceptionEvent = "exception";
    private readonly Utf8JsonWriter _json = new(
        Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>What they say besides the span.</summary>
    public SpanLogFormat Format => format;

    /// <summary>Writes that a span started.</summary>
    /// <param name="span">The span.</param>
    /// <param name="baggage">Its baggage; of spans that ended long ago nobody knows it.</param>
    /// <param name="output">Where to.</param>
    public void WriteStart(Activity span, Baggage baggage, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(output);
        Begin(span, span.StartTimeUtc, SpanLogNames.SpanStart, SpanLogNames.Information, output);
        _json.WriteNumber(SpanLogNames.DurationMs, 0);
        WriteLinks(span);
        WriteBaggage(baggage);
        WriteAttributes(span);
        End(output);
    }

    /// <summary>Writes a span's events, and that it ended. Returns how many records that are.</summary>
    /// <param name="span">The span.</param>
    /// <param name="hasStart">Whether a <c>span_start</c> was written; else the record says both.</param>
    /// <param name="output">Where to.</param>
    public int WriteEnd(Activity span, bool hasStart, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(output);
        int records = 0;
        string? failure = span.GetTagItem(SpanFailure.ErrorType) as string;
        foreach (ref readonly ActivityEvent spanEvent in span.EnumerateEvents())
        {
            if (records < format.MaxEvents)
            {
                records++;
                failure = WriteEvent(span, in spanEvent, output) ?? failure;
            }
        }

        bool failed = span.Status == ActivityStatusCode.Error;
        Begin(span, span.StartTimeUtc + span.Duration, SpanLogNames.SpanEnd, failed ? SpanLogNames.Error : SpanLogNames.Information, output);
        if (!hasStart)
        {
            _json.WriteString(SpanLogNames.StartTime, span.StartTimeUtc);
            WriteLinks(span);
        }

        _json.WriteNumber(SpanLogNames.DurationMs, span.Duration.TotalMilliseconds);
        if (failed)
        {
            _json.WriteString(SpanLogNames.Status, SpanLogNames.Error);
            WriteText(SpanLogNames.ErrorCode, failure);
            WriteText(SpanLogNames.ErrorMessage, span.StatusDescription);
        }
        else
        {
            // The reference knows no status between: what has not failed is fine.
            _json.WriteString(SpanLogNames.Status, SpanLogNames.Ok);
        }

        WriteAttributes(span);
        End(output);
        return records + 1;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes an event; returns the type of the exception that it tells of, if it does.</summary>
    private string? WriteEvent(Activity span, in ActivityEvent spanEvent, IBufferWriter<byte> output)
    {
        bool isError = spanEvent.Name == ExceptionEvent;
        string? type = null;
        Begin(
            span,
            spanEvent.Timestamp.UtcDateTime,
            isError ? SpanLogNames.SpanError : SpanLogNames.SpanEvent,
            isError ? SpanLogNames.Error : SpanLogNames.Information,
            output);
        if (!isError)
        {
            WriteText(SpanLogNames.EventName, spanEvent.Name);
        }

        int count = 0;
        foreach (ref readonly KeyValuePair<string, object?> tag in spanEvent.EnumerateTagObjects())
        {
            JsonEncodedText? field = isError ? ErrorField(tag.Key) : null;
            if (field is { } name)
            {
                type = tag.Key == "exception.type" ? tag.Value as string : type;
                WriteText(name, tag.Value as string);
            }
            else
            {
                count++;
            }
        }

        if (count > 0)
        {
            WriteEventAttributes(in spanEvent, isError);
        }

        End(output);
        return type;
    }

    private void WriteEventAttributes(in ActivityEvent spanEvent, bool isError)
    {
        int count = 0;
        _json.WriteStartObject(SpanLogNames.Attributes);
        foreach (ref readonly KeyValuePair<string, object?> tag in spanEvent.EnumerateTagObjects())
        {
            if ((!isError || ErrorField(tag.Key) is null) && count++ < format.MaxAttributes)
            {
                WriteValue(tag.Key, tag.Value);
            }
        }

        _json.WriteEndObject();
    }

    private static JsonEncodedText? ErrorField(string tag) => tag switch
    {
        "exception.type" => SpanLogNames.ErrorCode,
        "exception.message" => SpanLogNames.ErrorMessage,
        "exception.stacktrace" => SpanLogNames.StackTrace,
        _ => null,
    };

    private void Begin(Activity span, DateTime time, JsonEncodedText record, JsonEncodedText level, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString(SpanLogNames.Timestamp, time);
        _json.WriteString(SpanLogNames.Level, level);
        WriteText(SpanLogNames.Service, format.Service);
        WriteText(SpanLogNames.Version, format.Version);
        WriteText(SpanLogNames.Environment, format.Environment);
        _json.WriteString(SpanLogNames.TraceId, span.TraceId.ToHexString());
        _json.WriteString(SpanLogNames.SpanId, span.SpanId.ToHexString());
        if (span.ParentSpanId != default)
        {
            _json.WriteString(SpanLogNames.ParentSpanId, span.ParentSpanId.ToHexString());
        }

        WriteText(SpanLogNames.SpanName, span.DisplayName);
        _json.WriteString(SpanLogNames.SpanKind, SpanLogNames.Kinds[(int)span.Kind]);
        _json.WriteString(SpanLogNames.Event, record);
        WriteText(SpanLogNames.TraceState, span.TraceStateString);
        WriteContextId(span, ContextHeaders.CorrelationIdField);
        WriteContextId(span, ContextHeaders.RequestIdField);
    }

    private void End(IBufferWriter<byte> output)
    {
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    private void WriteContextId(Activity span, string name)
    {
        if (span.GetTagItem(name) is string id)
        {
            _json.WriteString(name, id);
        }
    }

    private void WriteBaggage(Baggage baggage)
    {
        if (baggage.Count == 0)
        {
            return;
        }

        _json.WriteStartObject(SpanLogNames.Baggage);
        foreach ((string name, string value) in baggage.GetBaggage())
        {
            if (format.Ids.Allows(name))
            {
                _json.WriteString(name, Cut(value));
            }
        }

        _json.WriteEndObject();
    }

    private void WriteLinks(Activity span)
    {
        bool isFirst = true;
        foreach (ref readonly ActivityLink link in span.EnumerateLinks())
        {
            if (isFirst)
            {
                _json.WriteStartArray(SpanLogNames.Links);
                isFirst = false;
            }

            _json.WriteStartObject();
            _json.WriteString(SpanLogNames.TraceId, link.Context.TraceId.ToHexString());
            _json.WriteString(SpanLogNames.SpanId, link.Context.SpanId.ToHexString());
            _json.WriteEndObject();
        }

        if (!isFirst)
        {
            _json.WriteEndArray();
        }
    }

    private void WriteAttributes(Activity span)
    {
        int count = 0;
        foreach (ref readonly KeyValuePair<string, object?> tag in span.EnumerateTagObjects())
        {
            if (tag.Key is ContextHeaders.CorrelationIdField or ContextHeaders.RequestIdField or SpanFailure.ErrorType || count == format.MaxAttributes)
            {
                continue;
            }

            if (count++ == 0)
            {
                _json.WriteStartObject(SpanLogNames.Attributes);
            }

            WriteValue(tag.Key, tag.Value);
        }

        if (count > 0)
        {
            _json.WriteEndObject();
        }
    }

    private void WriteValue(string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                _json.WriteString(name, Cut(text));
                break;
            case bool flag:
                _json.WriteBoolean(name, flag);
                break;
            case int number:
                _json.WriteNumber(name, number);
                break;
            case long number:
                _json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                _json.WriteNumber(name, number);
                break;
            case decimal number:
                _json.WriteNumber(name, number);
                break;
            case string?[] texts:
                _json.WriteStartArray(name);
                foreach (string? text in texts.AsSpan(0, Math.Min(texts.Length, format.MaxAttributes)))
                {
                    _json.WriteStringValue(Cut(text));
                }

                _json.WriteEndArray();
                break;
            default:
                _json.WriteString(name, Cut(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)));
                break;
        }
    }

    private void WriteText(JsonEncodedText name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _json.WriteString(name, Cut(text));
        }
    }

    /// <summary>The text up to the limit, never half a pair of surrogates.</summary>
    private ReadOnlySpan<char> Cut(string? text)
    {
        ReadOnlySpan<char> whole = text;
        if (whole.Length <= format.MaxTextLength)
        {
            return whole;
        }

        int length = char.IsHighSurrogate(whole[format.MaxTextLength - 1]) ? format.MaxTextLength - 1 : format.MaxTextLength;
        return whole[..length];
    }
}
