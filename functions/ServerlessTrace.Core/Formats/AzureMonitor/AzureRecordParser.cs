using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Reads one record of Application Insights. Requests and dependencies are spans, whose time is their start
/// (learn.microsoft.com/azure/azure-monitor/app/data-model-complete); exceptions, traces and events happen in the span that is their parent.
/// </summary>
internal sealed unsafe partial class AzureRecordParser
{
    private const int NanosPerMilli = 6;
    private const int DigitsOfTick = 2;

    private readonly ReadLimits _limits;
    private readonly JsonScanner _json;
    private readonly SpanBuilder _builder;
    private readonly AzureRow _row = new();
    private readonly AzureExceptionDetails _details;
    private readonly QuotedJson _quoted;
    private AzureKeys _keys;
    private bool _isEnvelope;

    /// <summary>A parser for one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records are counted.</param>
    /// <param name="service">The service of records that name none.</param>
    /// <param name="json">How records are read.</param>
    public AzureRecordParser(ReadLimits limits, SourceStatistics statistics, string service, JsonScanner json)
    {
        _limits = limits;
        _json = json;
        _builder = new SpanBuilder(limits, statistics, service, json);
        _details = new AzureExceptionDetails(_json.MaximumDepth);
        _quoted = new QuotedJson(json);
        _keys = new AzureKeys(limits, json);
    }

    /// <summary>Appends what a record tells, as <see cref="JsonRecordReader"/> asks for.</summary>
    public byte* Read(byte* at, SpanBatch batch, out string? fault)
    {
        _builder.Begin(batch);
        _row.Clear();
        _keys = _keys.IsFull ? new AzureKeys(_limits, _json) : _keys;
        _isEnvelope = false;
        at = ReadColumns(at, _keys.Beginning, AzureKeys.Columns, 1);
        fault = at is null ? null : Append();
        return at;
    }

    private byte* ReadColumns(byte* at, FieldKey<AzureField> key, int place, int depth)
    {
        at = _json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, place);
            at = at is null ? null : ReadColumn(at, key, depth + 1);
            at = at is null ? null : _json.EndField(at, out ended);
        }

        return at;
    }

    private byte* ReadColumn(byte* at, FieldKey<AzureField> key, int depth)
    {
        byte* start = at;
        switch (key.Field)
        {
            case AzureField.Other:
                return _json.SkipValue(at, depth);
            case AzureField.Properties or AzureField.Measurements when *at == '{':
                return _builder.ReadFields(at, _keys, key, AzureKeys.Properties, depth);
            case AzureField.Properties or AzureField.Measurements:
                at = _json.ReadScalar(at, depth, out ReadOnlySpan<byte> quoted);
                return at is null ? null : ReadQuotedProperties(at, quoted, key);
            case AzureField.Table:
                // A record may have a category besides, which is no table.
                at = _json.ReadScalar(at, depth, out ReadOnlySpan<byte> table);
                if (!_row.Has(AzureField.Table) || AzureTables.Kind(_row[AzureField.Table]) == AzureRecordKind.Unknown)
                {
                    _row.SetCopy(AzureField.Table, table);
                }

                return at;
        }

        if (*at is (byte)'{' or (byte)'[' && TryReadNested(at, key, depth, out byte* behind))
        {
            return behind;
        }

        if (*at == '"')
        {
            at = _json.ReadString(at + 1, out byte* text, out int length);
            if (at is null || text == start + 1)
            {
                _row.Set(key.Field, start + 1, length);
            }
            else
            {
                _row.SetCopy(key.Field, new ReadOnlySpan<byte>(text, length));
            }

            return at;
        }

        at = _json.SkipValue(at, depth);
        if (at is not null && *start != 'n')
        {
            _row.Set(key.Field, start, (int)(at - start));
        }

        return at;
    }

    /// <summary>Some exports hold an object's JSON as text.</summary>
    private byte* ReadQuotedProperties(byte* behind, ReadOnlySpan<byte> text, FieldKey<AzureField> key)
    {
        if (text.Length < 2 || text[0] != '{')
        {
            return behind;
        }

        byte* content = _quoted.Begin(text);
        if (_json.SkipValue(content, 1) is not null)
        {
            _builder.ReadFields(content, _keys, key, AzureKeys.Properties, 1);
        }
        else
        {
            _builder.Values.AddText(_builder.Attributes, _keys.UnreadableProperties, _builder.Text(text));
        }

        // The texts are in memory that the next such record uses.
        _builder.Values.ResolveTexts();
        _quoted.End();
        return behind;
    }

    private string? Append()
    {
        AzureRecordKind kind = AzureTables.Kind(_row[AzureField.Table]);
        if (kind is AzureRecordKind.Unknown or AzureRecordKind.Untraced)
        {
            return kind == AzureRecordKind.Unknown
                ? "no table of Application Insights: expected a Type such as AppRequests or AppDependencies, or an itemType such as request"
                : $"{Encoding.UTF8.GetString(_row[AzureField.Table])} tells nothing of a trace";
        }

        ref SpanRecord span = ref _builder.Span;
        span.TraceId = AzureIds.Trace(_row[AzureField.Operation]);
        if (span.TraceId.IsZero)
        {
            return "no OperationId: the record belongs to no trace";
        }

        if (!Timestamps.TryParse(_row[AzureField.Time], out long time))
        {
            return $"no time, or none that can be read: {Timestamps.Expected}";
        }

        span.Service = _builder.Text(_row[AzureField.RoleName]);
        Add(_builder.Resource, _keys.Instance, AzureField.RoleInstance);
        Add(_builder.Resource, _keys.Version, AzureField.Version);
        Add(_builder.Resource, _keys.CloudResource, AzureField.ResourceId);
        string? fault = kind is AzureRecordKind.Request or AzureRecordKind.Dependency ? ReadSpan(ref span, kind, time) : ReadEvent(ref span, kind, time);
        if (fault is null)
        {
            _builder.Commit();
        }

        return fault;
    }

    private string? ReadSpan(ref SpanRecord span, AzureRecordKind kind, long time)
    {
        span.SpanId = AzureIds.Span(_row[AzureField.Id]);
        if (span.SpanId.IsZero)
        {
            return "no Id: a request or dependency needs one";
        }

        span.ParentSpanId = AzureIds.Parent(_row[AzureField.Parent], _row[AzureField.Operation]);
        span.ParentSpanId = span.ParentSpanId == span.SpanId ? default : span.ParentSpanId;
        span.StartUnixNano = time;
        if (TryReadDuration(out long duration))
        {
            span.ReportedDurationNano = duration;
        }
        else
        {
            span.Flags |= SpanFlags.OddDuration;
        }

        _builder.SetTimes(isOpen: false);
        span.Name = _builder.Text(_row[_isEnvelope ? AzureField.ItemName : AzureField.Name]);
        span.Name = span.Name != 0 ? span.Name : _builder.Text(_row[AzureField.OperationName]);
        ReadOnlySpan<byte> success = _row[AzureField.Success];
        span.Status = Is(success, "true"u8) || Is(success, "1"u8) ? SpanStatus.Ok
            : Is(success, "false"u8) || Is(success, "0"u8) ? SpanStatus.Error
            : SpanStatus.Unset;
        Add(_builder.Attributes, _keys.User, AzureField.UserId);
        Add(_builder.Attributes, _keys.Session, AzureField.SessionId);
        AddNumber(_keys.ItemCount, Is(_row[AzureField.ItemCount], "1"u8) ? default : _row[AzureField.ItemCount]);
        if (kind == AzureRecordKind.Request)
        {
            span.Kind = SpanKind.Server;
            Add(_builder.Attributes, _keys.Url, AzureField.Url);
            Add(_builder.Attributes, _keys.Source, AzureField.Source);
            AddResultCode(isHttp: _row.Has(AzureField.Url));
        }
        else
        {
            ReadDependency(ref span);
        }

        return null;
    }

    /// <summary>Reads milliseconds, a .NET time span such as <c>1.02:03:04.5000000</c>, whose last digits are ticks of 100 ns, or such ticks.</summary>
    private bool TryReadDuration(out long nano)
    {
        ReadOnlySpan<byte> text = _row[AzureField.Duration];
        if (text.IsEmpty)
        {
            return Timestamps.TryParseDecimal(_row[AzureField.DurationTicks], DigitsOfTick, out nano);
        }

        if (!text.Contains((byte)':'))
        {
            return Timestamps.TryParseDecimal(text, NanosPerMilli, out nano);
        }

        nano = 0;
        bool parsed = System.Buffers.Text.Utf8Parser.TryParse(text, out TimeSpan span, out int length, 'c') && length == text.Length && span >= TimeSpan.Zero;
        nano = parsed && span.Ticks <= long.MaxValue / TimeSpan.NanosecondsPerTick ? span.Ticks * TimeSpan.NanosecondsPerTick : 0;
        return parsed;
    }

    private void ReadDependency(ref SpanRecord span)
    {
        ReadOnlySpan<byte> type = TypeOf(AzureField.DependencyType);
        AzureDependency dependency = AzureDependency.Of(type);
        span.Kind = dependency.Kind;
        Add(_builder.Attributes, _keys.DependencyType, type);
        Add(_builder.Attributes, dependency.DatabaseSystem.Length > 0 ? _keys.QueryText : dependency.IsHttp ? _keys.Url : _keys.Data, AzureField.Data);
        if (dependency.DatabaseSystem.Length > 0)
        {
            _builder.AddIfAbsent(_keys.DatabaseSystem, _builder.Text(Encoding.UTF8.GetBytes(dependency.DatabaseSystem)));
        }

        // "server | database", and "host | cid-v1:…" of hosts that are monitored as well.
        ReadOnlySpan<byte> target = _row[AzureField.Target];
        int bar = target.IndexOf(" | "u8);
        _builder.AddIfAbsent(_keys.ServerAddress, _builder.Text(bar < 0 ? target : target[..bar]));
        if (bar >= 0 && dependency.DatabaseSystem.Length > 0)
        {
            _builder.AddIfAbsent(_keys.DatabaseNamespace, _builder.Text(target[(bar + 3)..]));
        }

        AddResultCode(dependency.IsHttp);
    }

    private string? ReadEvent(ref SpanRecord span, AzureRecordKind kind, long time)
    {
        span.SpanId = AzureIds.Parent(_row[AzureField.Parent], _row[AzureField.Operation]);
        ReadOnlySpan<byte> name;
        if (kind == AzureRecordKind.Exception)
        {
            name = "exception"u8;
            ReadException(ref span);
        }
        else
        {
            name = _row[kind == AzureRecordKind.Trace ? AzureField.Message : _isEnvelope ? AzureField.ItemName : AzureField.Name];
            name = name.IsEmpty ? "log"u8 : name;
        }

        Add(_builder.Attributes, _keys.Level, Severity(_row[AzureField.Severity]));
        _builder.Values.ResolveTexts();
        _builder.AddEvent(_builder.Text(name), time, _builder.Attributes);
        _builder.Attributes.Clear();
        return null;
    }

    private void ReadException(ref SpanRecord span)
    {
        ReadOnlySpan<byte> message = _row[AzureField.OuterMessage];
        message = message.IsEmpty ? _row[AzureField.Message] : message;
        message = message.IsEmpty ? _row[AzureField.ExceptionMessage] : message;
        _details.Read(_row[_row.Has(AzureField.Details) ? AzureField.Details : AzureField.Exceptions]);
        message = message.IsEmpty ? _details.Message : message;
        ReadOnlySpan<byte> type = TypeOf(AzureField.ExceptionType);
        Add(_builder.Attributes, _keys.ExceptionType, type.IsEmpty ? _details.Type : type);
        Add(_builder.Attributes, _keys.ExceptionMessage, message);
        Add(_builder.Attributes, _keys.ExceptionStackTrace, _details.Stack);
        Add(_builder.Attributes, _keys.ProblemId, AzureField.ProblemId);
        Add(_builder.Attributes, _keys.Method, AzureField.Method);
        if (!span.SpanId.IsZero)
        {
            span.Status = SpanStatus.Error;
            span.StatusMessage = _builder.Text(message);
        }
    }

    private void AddResultCode(bool isHttp)
    {
        ReadOnlySpan<byte> code = _row[AzureField.ResultCode];
        if (isHttp && code.Length == 3 && code.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            AddNumber(_keys.StatusCode, code);
        }
        else
        {
            Add(_builder.Attributes, _keys.ResultCode, code);
        }
    }

    private void AddNumber(AttributeKey key, ReadOnlySpan<byte> digits)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(digits, out long number, out int length) && length == digits.Length)
        {
            _builder.Values.Add(_builder.Attributes, key, AttributeKind.Int64, number);
        }
    }

    private ReadOnlySpan<byte> TypeOf(AzureField field) => _row[_row.Has(field) ? field : AzureField.ClassicType];

    private void Add(AttributeList list, AttributeKey key, AzureField field) => Add(list, key, _row[field]);

    private void Add(AttributeList list, AttributeKey key, ReadOnlySpan<byte> value) => _builder.Values.AddText(list, key, _builder.Text(value));

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
