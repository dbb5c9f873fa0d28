using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.XRay;

/// <summary>
/// Reads X-Ray's segment documents: one after another, behind the header line that the daemon is sent, in arrays, and as texts in an answer of
/// <c>BatchGetTraces</c>, <c>{"Traces": [{"Segments": [{"Document": "{…}"}]}]}</c>.
/// </summary>
internal sealed unsafe class XRayReader : JsonRecordReader
{
    private const int Segment = 1;
    private const int Answer = 2;
    private const int Traces = 3;
    private const int Trace = 4;
    private const int Segments = 5;
    private const int Raw = 6;
    private const int Document = 7;

    private static readonly ObjectPlaces Places = new(
        likeliest: Answer, ("trace_id", Segment), ("start_time", Segment), ("Traces", Answer), ("Segments", Trace), ("Document", Raw), ("format", ObjectPlaces.Passed));

    private readonly XRaySegmentParser _parser;
    private readonly QuotedJson _quoted;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public XRayReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _parser = new XRaySegmentParser(limits, statistics, service, Json);
        _quoted = new QuotedJson(Json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.XRay;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        bool array = value[0] == '[';
        bool json = value[0] == '{';
        inner = place switch
        {
            Root or Traces or Segments when array => place,
            Root or Traces or Segments when json => Places.Of(value, isLast || value.Length > Limits.RecordBytes),
            Answer when array && key.SequenceEqual("Traces"u8) => Traces,
            Trace when array && key.SequenceEqual("Segments"u8) => Segments,
            Raw when key.SequenceEqual("Document"u8) => Document,
            _ => ObjectPlaces.Passed,
        };
        return inner switch
        {
            Segment or Document => JsonHandling.Record,
            ObjectPlaces.Passed => JsonHandling.Skip,
            ObjectPlaces.Unclear => JsonHandling.Undecided,
            ObjectPlaces.None => JsonHandling.Foreign,
            _ => JsonHandling.Enter,
        };
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        if (place != Document || *at != '"')
        {
            return _parser.Read(at, batch, out fault);
        }

        fault = null;
        byte* behind = Json.ReadString(at + 1, out byte* text, out int length);
        if (behind is not null)
        {
            long line = Json.Line;
            byte* end = _parser.Read(_quoted.Begin(new ReadOnlySpan<byte>(text, length)), batch, out fault);
            fault = end is null ? $"the document is not JSON: {Json.Error}" : fault;
            _quoted.End();
            Json.Line = line;
        }

        return behind;
    }
}
