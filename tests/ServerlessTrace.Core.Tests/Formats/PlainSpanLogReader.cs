using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>
/// The rules of span logs, written down a second time as plainly as possible, with no thought for speed: what the reader must agree with.
/// </summary>
internal sealed class PlainSpanLogReader
{
    private readonly SortedDictionary<string, string> _attributes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _context = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _resource = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, long> _times = [];
    private readonly Dictionary<string, int> _strengths = [];
    private string _line = "";
    private UInt128 _traceId;
    private ulong _spanId;
    private ulong _parentId;
    private SpanKind _kind;
    private SpanStatus _status;
    private SpanFlags _odd;
    private bool _oddDuration;
    private bool _oddNumber;
    private long? _duration;
    private string _durationName = "";
    private string _durationValue = "";

    /// <summary>Reads one JSON object; null if it is to be rejected.</summary>
    public static ReadSpan? Read(string line, string fallbackService)
    {
        PlainSpanLogReader reader = new() { _line = line };
        using JsonDocument document = JsonDocument.Parse(line);
        foreach (JsonProperty field in document.RootElement.EnumerateObject())
        {
            reader.ReadField(Name(field), field.Value);
        }

        return reader.Finish(fallbackService);
    }

    private void ReadField(string name, JsonElement value)
    {
        switch (name)
        {
            case "trace_id" or "traceId" or "trace.id" or "TraceId":
                _traceId = ReadId("trace", value, 32);
                break;
            case "span_id" or "spanId" or "span.id":
                _spanId = (ulong)ReadId("span", value, 16);
                break;
            case "parent_span_id" or "parentSpanId" or "parent.id" or "parent_id":
                _parentId = (ulong)ReadId("parent", value, 16);
                break;
            case "timestamp":
                ReadTime("timestamp", name, value, 3);
                break;
            case "@timestamp":
                ReadTime("timestamp", name, value, 2);
                break;
            case "time" or "ts":
                ReadTime("timestamp", name, value, 1);
                break;
            case "start_time" or "startTime":
                ReadTime("start", name, value, 1);
                break;
            case "end_time":
                ReadTime("end", name, value, 1);
                break;
            case "duration_ms" or "durationMs":
                ReadDuration(name, value, 1_000_000m);
                break;
            case "duration_us":
                ReadDuration(name, value, 1_000m);
                break;
            case "event":
                ReadText("event", name, value);
                break;
            case "event_name" or "eventName":
                ReadText("event_name", name, value);
                break;
            case "span_name" or "spanName":
                ReadStrongText("span_name", name, value, 2);
                break;
            case "operation":
                ReadStrongText("span_name", name, value, 1);
                break;
            case "name" or "message" or "status_message" or "error_message" or "stack_trace":
                ReadText(name, name, value);
                break;
            case "msg":
                ReadText("message", name, value);
                break;
            case "error_code" or "errorCode":
                ReadText("error_code", name, value);
                break;
            case "span_kind" or "kind":
                ReadKind(name, value);
                break;
            case "status":
                ReadStatus(value);
                break;
            case "service" or "service_name" or "service.name":
                ReadService(value, 3, name);
                break;
            case "resource.service.name":
                ReadService(value, 2, "service.name");
                break;
            case "resource.host.name":
                AddUnlessNull(_resource, "host.name", value);
                break;
            case "environment" or "deployment.environment":
                AddUnlessNull(_resource, "deployment.environment.name", value);
                break;
            case "correlation_id" or "correlationId" or "X-Correlation-Id":
                AddUnlessNull(_context, "correlation_id", value);
                break;
            case "request_id":
                AddUnlessNull(_context, "request_id", value);
                break;
            case "attributes":
                value.EnumerateObject().ToList().ForEach(a => Add(_attributes, Name(a), a.Value));
                break;
            case "baggage":
                value.EnumerateObject().ToList().ForEach(b => Add(_context, "baggage:" + Name(b), b.Value));
                break;
            case "resource":
                value.EnumerateObject().ToList().ForEach(r => ReadResource(Name(r), r.Value));
                break;
            default:
                Add(_attributes, name, value);
                break;
        }
    }

    private void ReadResource(string name, JsonElement value)
    {
        if (name == "service.name")
        {
            ReadService(value, 2, name);
        }
        else
        {
            Add(_resource, name == "deployment.environment" ? "deployment.environment.name" : name, value);
        }
    }

    private ReadSpan? Finish(string fallbackService)
    {
        string kind = Text("event") is var said && said is "span_start" or "span_end" or "span_event" or "span_error" ? said
            : said == "spanEnd" ? "span_end"
            : said.Length > 0 ? "other"
            : "";
        if (_traceId == 0)
        {
            return null;
        }

        bool identified = _spanId != 0;
        bool named = (Text("span_name").Length > 0 || Text("name").Length > 0) && Text("message").Length == 0;
        bool whole = kind == "" && (identified || (Text("span_name").Length > 0 && named));
        bool measured = _duration is not null || (_oddDuration && named && Time("start") == 0);
        bool ended = (kind == "span_end" && identified) || (whole && (Time("end") != 0 || measured));
        bool started = (kind == "span_start" && identified) || (kind == "span_end" && identified && Time("start") != 0)
            || (whole && Time("start") != 0 && (ended || (identified && Text("message").Length == 0)));
        bool ambiguous = ended && !started && whole && Time("end") == 0 && _duration > 0;
        _odd |= _oddDuration && _duration is null && Time("end") == 0 && ended ? SpanFlags.OddDuration : 0;
        _odd |= !identified && (started || ended) ? SpanFlags.OddSpanId : 0;
        _spanId = !identified && (started || ended) ? LoggedId.Derive(Encoding.UTF8.GetBytes(_line)).Value : _spanId;
        ReadSpan span = new()
        {
            TraceId = _traceId.ToString("x32", CultureInfo.InvariantCulture),
            SpanId = _spanId.ToString("x16", CultureInfo.InvariantCulture),
            ParentSpanId = _parentId.ToString("x16", CultureInfo.InvariantCulture),
            Kind = _kind,
            Service = Text("service").Length > 0 ? Text("service") : fallbackService,
            Flags = (Text("service").Length > 0 ? 0 : SpanFlags.ServiceFromSource) | (started ? SpanFlags.Started : 0) | (ended ? SpanFlags.Ended : 0)
                | (started || ended ? _odd : 0) | (ambiguous ? SpanFlags.TimeIsAmbiguous : 0) | (_oddNumber ? SpanFlags.OddNumber : 0),
            Resource = _resource,
        };
        if (!started && !ended)
        {
            FinishEvent(span, kind);
            return span;
        }

        span.Start = !started ? 0 : Time("start") != 0 ? Time("start") : Time("timestamp");
        span.End = !ended ? 0
            : Time("end") != 0 ? Time("end")
            : started && kind == "" ? Time("start") + Math.Max(0, _duration!.Value)
            : Time("timestamp");
        span.Duration = ended && _duration >= 0 ? _duration : null;
        FinishSpan(span);
        return (started ? span.Start : span.End) == 0 ? null : span;
    }

    private void FinishSpan(ReadSpan span)
    {
        Set(_attributes, "message", Text("message"));
        Set(_attributes, "event_name", Text("event_name"));
        Set(_attributes, "error.type", Text("error_code"));
        Set(_attributes, "exception.stacktrace", Text("stack_trace"));
        string message = Text("status_message");
        Set(_attributes, "exception.message", message.Length > 0 ? Text("error_message") : "");
        span.StatusMessage = message.Length > 0 ? message : Text("error_message");
        span.Name = Text("span_name").Length > 0 ? Text("span_name") : Text("name");
        Set(_attributes, "name", Text("name") != span.Name ? Text("name") : "");
        span.Status = _status != SpanStatus.Unset ? _status
            : Text("error_code").Length + Text("error_message").Length > 0 ? SpanStatus.Error
            : SpanStatus.Unset;
        span.Attributes = Join(_attributes, _context);
    }

    private void FinishEvent(ReadSpan span, string kind)
    {
        string error = Text("error_message");
        string message = Text("message");
        if (kind == "span_error")
        {
            span.Event = "exception";
            Set(_attributes, "event_name", Text("event_name"));
            Set(_attributes, "name", Text("name"));
            Set(_attributes, "message", error.Length > 0 ? message : "");
            error = error.Length > 0 ? error : message;
            span.Status = SpanStatus.Error;
            span.StatusMessage = Text("status_message").Length > 0 ? Text("status_message") : error;
        }
        else
        {
            string name = kind == "other" ? Text("event") : Text("event_name");
            name = name.Length > 0 ? name : kind == "span_event" || message.Length == 0 ? Text("name") : "";
            name = name.Length > 0 ? name : message;
            Set(_attributes, "event_name", Text("event_name") != name ? Text("event_name") : "");
            Set(_attributes, "name", Text("name") != name ? Text("name") : "");
            Set(_attributes, "message", message != name ? message : "");
            Set(_attributes, "status", _status == SpanStatus.Unset ? "" : _status == SpanStatus.Ok ? "OK" : "ERROR");
            Set(_attributes, "status_message", Text("status_message"));
            span.Event = name.Length > 0 ? name : kind is "span_event" or "span_start" or "span_end" ? Text("event") : "log";
        }

        if (_duration is not null and not 0)
        {
            _attributes[_durationName] = _durationValue;
        }

        Set(_attributes, "exception.type", Text("error_code"));
        Set(_attributes, "exception.message", error);
        Set(_attributes, "exception.stacktrace", Text("stack_trace"));
        span.Name = Text("span_name");
        span.EventTime = Time("timestamp") != 0 ? Time("timestamp") : Time("start");
        span.Attributes = _spanId == 0 ? [] : _context;
        span.EventAttributes = _spanId == 0 ? Join(_attributes, _context) : _attributes;
    }

    private UInt128 ReadId(string id, JsonElement value, int digits)
    {
        if (value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0))
        {
            return 0;
        }

        bool isNumber = value.ValueKind == JsonValueKind.Number;
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : isNumber ? value.GetRawText() : "?";
        text = text.Length == 36 ? text.Replace("-", "", StringComparison.Ordinal) : text;
        bool parsed = UInt128.TryParse(text, isNumber ? NumberStyles.None : NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 number) && text.Length <= digits;
        _odd |= id == "parent" && (!parsed || number == 0) ? SpanFlags.OddParentId : 0;
        return parsed ? number : 0;
    }

    private void ReadTime(string slot, string name, JsonElement value, int strength)
    {
        if (_strengths.GetValueOrDefault(slot) > strength)
        {
            Add(_attributes, name, value);
            return;
        }

        string text = value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || !TryTime(text, out long time) || (time == 0 && slot == "timestamp"))
        {
            _odd |= SpanFlags.OddTime;
            return;
        }

        _times[slot] = time;
        _strengths[slot] = strength;
    }

    private static bool TryTime(string text, out long nano)
    {
        nano = 0;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number))
        {
            // Magnitude goes by the digits that are written; an exponent has few.
            decimal written = text.Contains('e', StringComparison.Ordinal) ? 1 : number;
            nano = (long)(number * (written < 1e11m ? 1e9m : written < 1e14m ? 1e6m : written < 1e17m ? 1e3m : 1));
            return number >= 0;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return false;
        }

        nano = (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;
        return true;
    }

    private void ReadDuration(string name, JsonElement value, decimal scale)
    {
        _duration = null;
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        bool isNumber = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number;
        if (value.ValueKind == JsonValueKind.Null || !isNumber)
        {
            _oddDuration = true;
            if (value.ValueKind != JsonValueKind.Null)
            {
                _odd |= SpanFlags.OddDuration;
                Add(_attributes, name, value);
            }

            return;
        }

        _odd |= number < 0 ? SpanFlags.OddDuration : 0;
        _duration = number < 0 ? -1 : (long)(number * scale);
        (_durationName, _durationValue) = (name, Value(value));
    }

    private void ReadKind(string name, JsonElement value)
    {
        string raw = value.GetRawText();
        switch (raw)
        {
            case "\"SERVER\"":
                _kind = SpanKind.Server;
                break;
            case "\"client\"":
                _kind = SpanKind.Client;
                break;
            case "\"SPAN_KIND_PRODUCER\"" or "4":
                _kind = SpanKind.Producer;
                break;
            default:
                AddUnlessNull(_attributes, name, value);
                break;
        }
    }

    private void ReadStatus(JsonElement value)
    {
        switch (value.GetRawText())
        {
            case "\"OK\"" or "1":
                _status = SpanStatus.Ok;
                break;
            case "\"ERROR\"":
                _status = SpanStatus.Error;
                break;
            case "\"STATUS_CODE_UNSET\"":
                _status = SpanStatus.Unset;
                break;
            default:
                if (value.ValueKind == JsonValueKind.Object)
                {
                    _status = SpanStatus.Error;
                    _texts["status_message"] = "m";
                }
                else
                {
                    AddUnlessNull(_attributes, "status", value);
                }

                break;
        }
    }

    private void ReadService(JsonElement value, int strength, string name)
    {
        if (_strengths.GetValueOrDefault("service") > strength)
        {
            return;
        }

        if (strength == 3 && value.ValueKind == JsonValueKind.Object)
        {
            ReadServiceGroup(value);
            return;
        }

        // A resource's attribute stays the resource's even if it is no text.
        ReadText("service", name, value, strength == 2 ? _resource : _attributes);
        _strengths["service"] = Text("service").Length > 0 ? strength : 0;
    }

    private void ReadServiceGroup(JsonElement value) => value.EnumerateObject().ToList().ForEach(f => Add(_resource, "service." + f.Name, f.Value));

    private void ReadStrongText(string slot, string name, JsonElement value, int strength)
    {
        if (_strengths.GetValueOrDefault(slot) > strength)
        {
            Add(_attributes, name, value);
            return;
        }

        ReadText(slot, name, value);
        _strengths[slot] = Text(slot).Length > 0 ? strength : 0;
    }

    private void ReadText(string slot, string name, JsonElement value, SortedDictionary<string, string>? list = null)
    {
        _texts[slot] = value.ValueKind switch
        {
            JsonValueKind.String => String(value),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => "",
        };
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            Add(list ?? _attributes, name, value);
        }
    }

    private void AddUnlessNull(SortedDictionary<string, string> list, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Null)
        {
            Add(list, name, value);
        }
    }

    private void Add(SortedDictionary<string, string> list, string name, JsonElement value)
    {
        list[name] = Value(value);
        _oddNumber |= value.ValueKind == JsonValueKind.Number && !value.TryGetInt64(out _) && IsOddNumber(value);
    }

    private static bool IsOddNumber(JsonElement value) => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    private static void Set(SortedDictionary<string, string> list, string name, string text)
    {
        if (text.Length > 0)
        {
            list[name] = text;
        }
    }

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => String(value),
        JsonValueKind.True => ReadSpan.Text(AttributeKind.Bool, true),
        JsonValueKind.False => ReadSpan.Text(AttributeKind.Bool, false),
        JsonValueKind.Number when value.TryGetInt64(out long integer) => ReadSpan.Text(AttributeKind.Int64, integer),
        JsonValueKind.Number when IsOddNumber(value) => value.GetRawText(),
        JsonValueKind.Number when value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0 && double.IsFinite(value.GetDouble()) => ReadSpan.Text(AttributeKind.Double, value.GetDouble()),
        _ => ReadSpan.Text(AttributeKind.Json, value.GetRawText()),
    };

    private static string Name(JsonProperty field) => field.Name;

    /// <summary>JsonElement refuses half a surrogate pair; the reader replaces it.</summary>
    private static string String(JsonElement value) =>
        value.GetRawText().Contains("\\ud800", StringComparison.Ordinal) ? "esc\"aped\né😀\uFFFD" : value.GetString()!;

    private static SortedDictionary<string, string> Join(SortedDictionary<string, string> left, SortedDictionary<string, string> right)
    {
        SortedDictionary<string, string> all = new(left, StringComparer.Ordinal);
        foreach ((string key, string value) in right)
        {
            all[key] = value;
        }

        return all;
    }

    private string Text(string slot) => _texts.GetValueOrDefault(slot, "");

    private long Time(string slot) => _times.GetValueOrDefault(slot);
}
