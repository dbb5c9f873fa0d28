using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>
/// Reads spans that OpenTelemetry's .NET SDK prints on the console (open-telemetry/opentelemetry-dotnet, <c>ConsoleActivityExporter</c>): lines of name
/// and value, sections of indented ones, and a blank line at the end.
/// </summary>
internal sealed class DotNetConsoleReader : TextRecordReader
{
    private readonly JsonScanner _json = new(1);
    private readonly SpanBuilder _builder;
    private readonly SdkDetailList _details;
    private SdkKeys _keys;
    private Section _section;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public DotNetConsoleReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _builder = new SpanBuilder(limits, statistics, service, _json);
        _keys = new SdkKeys(limits, _json);
        _details = new SdkDetailList(limits.AttributesPerSpan);
    }

    private enum Section
    {
        None,
        Tags,
        Events,
        Links,
        Scope,
        Resource,
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.DotNetConsole;

    /// <summary>Whether a line is a span's first one.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> line) => line.StartsWith("Activity.TraceId:"u8) || line.StartsWith("Activity.Id:"u8);

    /// <inheritdoc/>
    protected override bool Begins(ReadOnlySpan<byte> content) => IsFirst(content);

    /// <summary>A blank line ends a span, unless the next line goes on with it: values may have blank lines.</summary>
    protected override int FindEnd(ReadOnlySpan<byte> content, bool isLast, out string? fault)
    {
        fault = null;
        int at = LengthOfLine(content);
        while (at < content.Length)
        {
            ReadOnlySpan<byte> line = content[at..];
            int length = LengthOfLine(line);
            bool isBlank = line[..length].TrimEnd("\r\n"u8).IsEmpty;
            if (IsFirst(line) || (isBlank && !GoesOn(line[length..])))
            {
                return line.Length > length || isLast || !isBlank ? at : -1;
            }

            at += length;
        }

        return isLast ? content.Length : -1;
    }

    /// <inheritdoc/>
    protected override string? ReadRecord(ReadOnlySpan<byte> record, SpanBatch batch)
    {
        _keys = _keys.IsFull ? new SdkKeys(Limits, _json) : _keys;
        _builder.Begin(batch);
        _details.Clear();
        _section = Section.None;
        while (!record.IsEmpty)
        {
            int length = LengthOfLine(record);
            ReadLine(record[..length].TrimEnd("\r\n"u8), batch);
            record = record[length..];
        }

        return Finish();
    }

    private static int LengthOfLine(ReadOnlySpan<byte> content)
    {
        int end = content.IndexOf((byte)'\n');
        return end < 0 ? content.Length : end + 1;
    }

    private static bool GoesOn(ReadOnlySpan<byte> line) =>
        (line.StartsWith("Activity."u8) && !IsFirst(line)) || line.StartsWith("StatusCode:"u8) || line.StartsWith("Instrumentation scope"u8)
        || line.StartsWith("Resource associated"u8);

    private void ReadLine(ReadOnlySpan<byte> line, SpanBatch batch)
    {
        int indent = line.IndexOfAnyExcept((byte)' ');
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? default : line[..colon].TrimStart((byte)' ');
        ReadOnlySpan<byte> value = colon < 0 ? default : line[(colon + 1)..].Trim((byte)' ');
        if (indent == 0 && colon > 0)
        {
            ReadField(name, value);
        }
        else if (indent == 4 && name.SequenceEqual("StatusCode"u8))
        {
            ReadField(name, value);
        }
        else if (indent == 4 && name.StartsWith("Activity."u8))
        {
            ReadField(name, value);
        }
        else if (indent is 4 or 8)
        {
            ReadIndented(line[indent..], name, value, indent == 8, batch);
        }
    }

    private void ReadField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ref SpanRecord span = ref _builder.Span;
        name = name.StartsWith("Activity."u8) ? name["Activity.".Length..] : name;
        _section = Section.None;
        switch (Encoding.UTF8.GetString(name))
        {
            case "TraceId":
                _ = TraceId.TryParse(value, out span.TraceId);
                break;
            case "SpanId":
                _ = SpanId.TryParse(value, out span.SpanId);
                break;
            case "Id":
                _ = TraceParentText.TryParse(value, out span.TraceId, out span.SpanId);
                break;
            case "ParentSpanId":
                span.Flags |= SpanId.TryParse(value, out span.ParentSpanId) ? SpanFlags.None : SpanFlags.OddParentId;
                break;
            case "ParentId":
                span.Flags |= TraceParentText.TryParse(value, out _, out span.ParentSpanId) ? SpanFlags.None : SpanFlags.OddParentId;
                break;
            case "TraceState":
                span.TraceState = _builder.Text(value);
                break;
            case "DisplayName":
                span.Name = _builder.Text(value);
                break;
            case "Kind":
                _ = SpanLogValues.TryParseKind(value, out span.Kind);
                break;
            case "StartTime":
                span.Flags |= Timestamps.TryParse(value, out span.StartUnixNano) ? SpanFlags.None : SpanFlags.OddTime;
                break;
            case "Duration":
                ReadDuration(value, ref span);
                break;
            case "StatusCode":
                span.Status = Ascii.EqualsIgnoreCase(value, "Error"u8) ? SpanStatus.Error : Ascii.EqualsIgnoreCase(value, "Ok"u8) ? SpanStatus.Ok : SpanStatus.Unset;
                break;
            case "StatusDescription":
                span.StatusMessage = _builder.Text(value);
                break;
            case "ActivitySourceName":
                _builder.Values.AddText(_builder.Resource, _keys.ScopeName, _builder.Text(value));
                break;
            case "ActivitySourceVersion":
                _builder.Values.AddText(_builder.Resource, _keys.ScopeVersion, _builder.Text(value));
                break;
            case "Tags" or "TagObjects":
                _section = Section.Tags;
                break;
            case "Events":
                _section = Section.Events;
                break;
            case "Links":
                _section = Section.Links;
                break;
            case "Resource associated with Activity":
                _section = Section.Resource;
                break;
            case var scope when scope.StartsWith("Instrumentation scope", StringComparison.Ordinal):
                _section = Section.Scope;
                break;
        }
    }

    private void ReadIndented(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isDeeper, SpanBatch batch)
    {
        switch (_section)
        {
            case Section.Tags when !isDeeper && !name.IsEmpty:
                _builder.Values.AddText(_builder.Attributes, KeyOf(name, SdkKeys.Attributes), _builder.Text(value));
                break;
            case Section.Resource when !isDeeper && !name.IsEmpty:
                _builder.Values.AddText(_builder.Resource, KeyOf(name, SdkKeys.Resource), _builder.Text(value));
                break;
            case Section.Scope when !isDeeper && name.SequenceEqual("Name"u8):
                _builder.Values.AddText(_builder.Resource, _keys.ScopeName, _builder.Text(value));
                break;
            case Section.Scope when !isDeeper && name.SequenceEqual("Version"u8):
                _builder.Values.AddText(_builder.Resource, _keys.ScopeVersion, _builder.Text(value));
                break;
            case Section.Events or Section.Links when isDeeper && !name.IsEmpty && _details.Count > 0:
                _details.Add(new SpanAttribute(KeyOf(name, SdkKeys.Attributes).IdIn(batch.Strings), AttributeKind.String, _builder.Text(value)));
                break;
            case Section.Events when !isDeeper:
                int bracket = line.LastIndexOf(" ["u8);
                bool hasTime = bracket > 0 && line.EndsWith("]"u8);
                _details.BeginEvent(_builder.Text(hasTime ? line[..bracket] : line), hasTime ? TimeOf(line[(bracket + 2)..^1]) : 0);
                break;
            case Section.Links when !isDeeper:
                int space = line.IndexOf((byte)' ');
                _ = TraceId.TryParse(line[..Math.Max(space, 0)], out TraceId trace);
                _ = SpanId.TryParse(line[(space + 1)..], out SpanId span);
                _details.BeginLink(trace, span);
                break;
        }
    }

    private AttributeKey KeyOf(ReadOnlySpan<byte> name, int place)
    {
        name = JsonText.Cut(name, Limits.AttributeBytes);
        return _keys.Get(name, name, place).Attribute;
    }

    /// <summary>Reads what <see cref="DateTimeOffset"/> prints, which depends on the culture: the invariant one's and RFC 3339; else 0.</summary>
    private static long TimeOf(ReadOnlySpan<byte> text)
    {
        if (Timestamps.TryParse(text, out long nano))
        {
            return nano;
        }

        const System.Globalization.DateTimeStyles Universal = System.Globalization.DateTimeStyles.AssumeUniversal;
        return text.Length < 64 && DateTimeOffset.TryParse(Encoding.UTF8.GetString(text), System.Globalization.CultureInfo.InvariantCulture, Universal, out DateTimeOffset time)
            && time > DateTimeOffset.UnixEpoch && time.Year < 2262 ? (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick : 0;
    }

    private static void ReadDuration(ReadOnlySpan<byte> value, ref SpanRecord span)
    {
        bool parsed = System.Buffers.Text.Utf8Parser.TryParse(value, out TimeSpan duration, out int length, 'c') && length == value.Length && duration >= TimeSpan.Zero
            && duration.Ticks <= long.MaxValue / TimeSpan.NanosecondsPerTick;
        span.ReportedDurationNano = parsed ? duration.Ticks * TimeSpan.NanosecondsPerTick : null;
        span.Flags |= parsed ? SpanFlags.None : SpanFlags.OddDuration;
    }

    private string? Finish()
    {
        ref SpanRecord span = ref _builder.Span;
        string? fault = span.TraceId.IsZero ? "no Activity.TraceId: expected 32 hex digits, not all zeros"
            : span.SpanId.IsZero ? "no Activity.SpanId: expected 16 hex digits, not all zeros"
            : span.StartUnixNano == 0 ? $"no Activity.StartTime, or none that can be read: {Timestamps.Expected}"
            : null;
        if (fault is null)
        {
            _details.AddTo(_builder, span.StartUnixNano);
            span.Service = _builder.Take(_builder.Resource, _keys.ServiceName);
            _builder.SetTimes(isOpen: false);
            _builder.Commit();
        }

        return fault;
    }
}
