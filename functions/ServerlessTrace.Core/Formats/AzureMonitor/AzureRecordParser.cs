using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Reads one record of Application Insights. Requests and dependencies are spans, whose time is their start
/// (learn.microsoft.com/azure/azure-monitor/app/data-model-complete); exceptions, traces and events happen in the span that is their parent.
/// </summary>
internal sealed class AzureRecordParser(ReadLimits limits, SourceStatistics statistics, string service)
{
    private const int NanosPerMilli = 6;

    private readonly SpanBuilder _builder = new(limits, statistics, service);
    private readonly AttributeList _properties = new();
    private readonly Dictionary<AzureField, byte[]> _fields = [];
    private readonly AzureExceptionDetails _details = new();

    /// <summary>Appends what a record tells; returns what is wrong with it instead if it cannot be used.</summary>
    public string? Read(ReadOnlySpan<byte> record, SpanBatch batch)
    {
        _builder.Begin(batch);
        _properties.Clear();
        _fields.Clear();
        AzureRecordKind kind = KindOf(record, out string table);
        if (kind is AzureRecordKind.Unknown or AzureRecordKind.Untraced)
        {
            return kind == AzureRecordKind.Unknown
                ? "no table of Application Insights: expected a Type such as AppRequests or AppDependencies, or an itemType such as request"
                : $"{table} tells nothing of a trace";
        }

        ReadFields(record, kind);
        ref SpanRecord span = ref _builder.Span;
        span.TraceId = AzureIds.Trace(Field(AzureField.Operation));
        if (span.TraceId.IsZero)
        {
            return "no OperationId: the record belongs to no trace";
        }

        if (!Timestamps.TryParse(Field(AzureField.Time), out long time))
        {
            return $"no time, or none that can be read: {Timestamps.Expected}";
        }

        span.Service = _builder.Text(Field(AzureField.RoleName));
        AddText(_builder.Resource, "service.instance.id"u8, AzureField.RoleInstance, AttributeScope.Resource);
        AddText(_builder.Resource, "service.version"u8, AzureField.Version, AttributeScope.Resource);
        AddText(_builder.Resource, "cloud.resource_id"u8, AzureField.ResourceId, AttributeScope.Resource);
        string? fault = kind is AzureRecordKind.Request or AzureRecordKind.Dependency ? ReadSpan(ref span, kind, time) : ReadEvent(ref span, kind, time);
        if (fault is null)
        {
            _builder.Commit();
        }

        return fault;
    }

    private ReadOnlySpan<byte> Field(AzureField field) => _fields.TryGetValue(field, out byte[]? text) ? text : default;

    private AzureRecordKind KindOf(ReadOnlySpan<byte> record, out string table)
    {
        table = string.Empty;
        Utf8JsonReader json = new(record, _builder.Options);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool names = json.ValueTextEquals("Type"u8) || json.ValueTextEquals("itemType"u8) || json.ValueTextEquals("category"u8);
            json.Read();
            if (names && AzureTables.Kind(_builder.Raw(ref json)) is not AzureRecordKind.Unknown and var kind)
            {
                table = Encoding.UTF8.GetString(_builder.Raw(ref json));
                return kind;
            }

            json.Skip();
        }

        return AzureRecordKind.Unknown;
    }

    private void ReadFields(ReadOnlySpan<byte> record, AzureRecordKind kind)
    {
        Utf8JsonReader json = new(record, _builder.Options);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            AzureField field = AzureFields.Of(_builder.Raw(ref json), kind);
            json.Read();
            switch (field)
            {
                case AzureField.Other:
                    json.Skip();
                    break;
                case AzureField.Properties or AzureField.Measurements when json.TokenType == JsonTokenType.StartObject:
                    _builder.AddFields(_properties, ref json, record);
                    break;
                case AzureField.Properties or AzureField.Measurements:
                    ReadQuotedProperties(_builder.Raw(ref json).ToArray());
                    json.Skip();
                    break;
                default:
                    int start = (int)json.TokenStartIndex;
                    bool isText = json.TokenType is JsonTokenType.String or JsonTokenType.Number;
                    byte[] text = json.TokenType == JsonTokenType.Null ? [] : isText ? _builder.Raw(ref json).ToArray() : [];
                    json.Skip();
                    text = isText || json.TokenType == JsonTokenType.Null ? text : record[start..(int)json.BytesConsumed].ToArray();
                    if (text.Length > 0)
                    {
                        _fields[field] = text;
                    }

                    break;
            }
        }
    }

    /// <summary>Some exports hold an object's JSON as text.</summary>
    private void ReadQuotedProperties(byte[] text)
    {
        if (text.Length < 2 || text[0] != '{')
        {
            return;
        }

        try
        {
            Utf8JsonReader json = new(text, _builder.Options);
            json.Read();
            _builder.AddFields(_properties, ref json, text);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            _builder.Add(_properties, "Properties"u8, text);
        }
    }

    private string? ReadSpan(ref SpanRecord span, AzureRecordKind kind, long time)
    {
        span.SpanId = AzureIds.Span(Field(AzureField.Id));
        if (span.SpanId.IsZero)
        {
            return "no Id: a request or dependency needs one";
        }

        if (!Timestamps.TryParseDecimal(Field(AzureField.Duration), NanosPerMilli, out long duration))
        {
            return "no DurationMs, or none that is a number of milliseconds";
        }

        span.ParentSpanId = AzureIds.Parent(Field(AzureField.Parent), Field(AzureField.Operation));
        span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
        span.StartUnixNano = time;
        span.EndUnixNano = time + Math.Min(duration, long.MaxValue - time);
        span.ReportedDurationNano = duration;
        span.Flags = SpanFlags.Started | SpanFlags.Ended;
        span.Name = _builder.Text(Field(_fields.ContainsKey(AzureField.Name) ? AzureField.Name : AzureField.OperationName));
        ReadOnlySpan<byte> success = Field(AzureField.Success);
        span.Status = Is(success, "true"u8) || Is(success, "1"u8) ? SpanStatus.Ok
            : Is(success, "false"u8) || Is(success, "0"u8) ? SpanStatus.Error
            : SpanStatus.Unset;
        foreach (ref readonly SpanAttribute property in _properties.Items)
        {
            _builder.Add(_builder.Attributes, property.Key, property.Kind, property.Bits);
        }

        AddText(_builder.Attributes, "user.id"u8, AzureField.UserId);
        AddText(_builder.Attributes, "session.id"u8, AzureField.SessionId);
        AddNumber("azure.item_count"u8, Is(Field(AzureField.ItemCount), "1"u8) ? default : Field(AzureField.ItemCount));
        if (kind == AzureRecordKind.Request)
        {
            span.Kind = SpanKind.Server;
            AddText(_builder.Attributes, "url.full"u8, AzureField.Url);
            AddText(_builder.Attributes, "azure.source"u8, AzureField.Source);
            AddResultCode(isHttp: _fields.ContainsKey(AzureField.Url));
        }
        else
        {
            ReadDependency(ref span);
        }

        return null;
    }

    private void ReadDependency(ref SpanRecord span)
    {
        ReadOnlySpan<byte> type = Field(AzureField.DependencyType);
        AzureDependency dependency = AzureDependency.Of(type);
        span.Kind = dependency.Kind;
        AddText(_builder.Attributes, "azure.dependency_type"u8, AzureField.DependencyType);
        AddText(_builder.Attributes, dependency.DataAttribute, AzureField.Data);
        if (dependency.DatabaseSystem.Length > 0)
        {
            _builder.AddIfAbsent("db.system"u8, Encoding.UTF8.GetBytes(dependency.DatabaseSystem));
        }

        // "server | database", and "host | cid-v1:…" of hosts that are monitored as well.
        ReadOnlySpan<byte> target = Field(AzureField.Target);
        int bar = target.IndexOf(" | "u8);
        _builder.AddIfAbsent("server.address"u8, bar < 0 ? target : target[..bar]);
        if (bar >= 0 && dependency.DatabaseSystem.Length > 0)
        {
            _builder.AddIfAbsent("db.namespace"u8, target[(bar + 3)..]);
        }

        AddResultCode(dependency.IsHttp);
    }

    private string? ReadEvent(ref SpanRecord span, AzureRecordKind kind, long time)
    {
        span.SpanId = AzureIds.Parent(Field(AzureField.Parent), Field(AzureField.Operation));
        AttributeList attributes = _builder.BeginEvent();
        foreach (ref readonly SpanAttribute property in _properties.Items)
        {
            _builder.Add(attributes, property.Key, property.Kind, property.Bits);
        }

        ReadOnlySpan<byte> name;
        if (kind == AzureRecordKind.Exception)
        {
            name = "exception"u8;
            ReadException(ref span, attributes);
        }
        else
        {
            name = Field(kind == AzureRecordKind.Trace ? AzureField.Message : AzureField.Name);
            name = name.IsEmpty ? "log"u8 : name;
        }

        if (_fields.ContainsKey(AzureField.Severity))
        {
            _builder.Add(attributes, "level"u8, Severity(Field(AzureField.Severity)));
        }

        _builder.EndEvent(_builder.Text(name), time);
        return null;
    }

    private void ReadException(ref SpanRecord span, AttributeList attributes)
    {
        ReadOnlySpan<byte> message = Field(AzureField.OuterMessage);
        message = message.IsEmpty ? Field(AzureField.Message) : message;
        message = message.IsEmpty ? Field(AzureField.ExceptionMessage) : message;
        _details.Read(Field(AzureField.Details), _builder);
        message = message.IsEmpty ? _details.Message : message;
        AddUnlessEmpty(attributes, "exception.type"u8, Field(AzureField.ExceptionType));
        AddUnlessEmpty(attributes, "exception.message"u8, message);
        AddUnlessEmpty(attributes, "exception.stacktrace"u8, _details.Stack);
        AddUnlessEmpty(attributes, "azure.problem_id"u8, Field(AzureField.ProblemId));
        AddUnlessEmpty(attributes, "azure.method"u8, Field(AzureField.Method));
        if (!span.SpanId.IsZero)
        {
            span.Status = SpanStatus.Error;
            span.StatusMessage = _builder.Text(message);
        }
    }

    private void AddResultCode(bool isHttp)
    {
        ReadOnlySpan<byte> code = Field(AzureField.ResultCode);
        if (isHttp && code.Length == 3 && code.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            AddNumber("http.response.status_code"u8, code);
        }
        else
        {
            AddUnlessEmpty(_builder.Attributes, "azure.result_code"u8, code);
        }
    }

    private void AddNumber(ReadOnlySpan<byte> key, ReadOnlySpan<byte> digits)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(digits, out long number, out int length) && length == digits.Length)
        {
            _builder.Add(_builder.Attributes, _builder.Text(key), AttributeKind.Int64, number);
        }
    }

    private void AddText(AttributeList list, ReadOnlySpan<byte> key, AzureField field, AttributeScope scope = AttributeScope.Span) =>
        AddUnlessEmpty(list, key, Field(field), scope);

    private void AddUnlessEmpty(AttributeList list, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, AttributeScope scope = AttributeScope.Span)
    {
        if (!value.IsEmpty)
        {
            _builder.Add(list, key, value, scope);
        }
    }

    private static ReadOnlySpan<byte> Severity(ReadOnlySpan<byte> level) => level is [var digit]
        ? digit switch
        {
            (byte)'0' => "Verbose"u8,
            (byte)'1' => "Information"u8,
            (byte)'2' => "Warning"u8,
            (byte)'3' => "Error"u8,
            (byte)'4' => "Critical"u8,
            _ => level,
        }
        : level;

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(text, word);
}
