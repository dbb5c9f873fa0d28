using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>Reads spans that OpenTelemetry's JavaScript SDK prints on the console (open-telemetry/opentelemetry-js, <c>ConsoleSpanExporter</c>), which are no JSON.</summary>
internal sealed unsafe class JavaScriptConsoleReader : TextRecordReader
{
    private readonly JsonScanner _json;
    private readonly InspectedText _text;
    private readonly SdkSpanParser _parser;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public JavaScriptConsoleReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        int depth = Math.Clamp(limits.JsonDepth, 1, 512);
        _json = new JsonScanner(depth);
        _text = new InspectedText(depth);
        _parser = new SdkSpanParser(limits, statistics, service, _json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.JavaScriptConsole;

    /// <inheritdoc/>
    protected override bool Begins(ReadOnlySpan<byte> content) => InspectedText.Begins(content);

    /// <inheritdoc/>
    protected override int FindEnd(ReadOnlySpan<byte> content, bool isLast, out string? fault)
    {
        fault = null;
        switch (_text.Read(content, JsonScanner.Slack))
        {
            case InspectedText.Outcome.Whole:
                return _text.Consumed;
            case InspectedText.Outcome.Cut:
                fault = isLast ? "the record is cut off: the source ends inside it" : null;
                return isLast ? content.Length : -1;
            default:
                fault = "the object is none that Node.js prints";
                int end = content[_text.Consumed..].IndexOf((byte)'\n');
                return end >= 0 ? _text.Consumed + end : isLast ? content.Length : -1;
        }
    }

    /// <inheritdoc/>
    protected override string? ReadRecord(ReadOnlySpan<byte> record, SpanBatch batch)
    {
        fixed (byte* start = _text.Json)
        {
            _json.End = start + _text.Json.Length;
            return _parser.Read(start, batch, out string? fault) is null ? $"not what Node.js prints: {_json.Error}" : fault;
        }
    }
}
