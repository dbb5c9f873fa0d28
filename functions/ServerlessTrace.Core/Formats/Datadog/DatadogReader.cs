using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Datadog;

/// <summary>
/// Reads the JSON of Datadog's trace agent: lists of traces, which are lists of spans; such lists under <c>traces</c>, as tracers in functions write
/// them to the log; and a span or a trace a line.
/// </summary>
internal sealed unsafe class DatadogReader : JsonRecordReader
{
    private const int Span = 1;
    private const int Payload = 2;

    private static readonly ObjectPlaces Places = new(
        likeliest: Payload, ("span_id", Span), ("trace_id", Span), ("traces", Payload), ("tracerPayloads", Payload), ("chunks", Payload), ("spans", Payload));

    private readonly DatadogSpanParser _parser;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public DatadogReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics) => _parser = new DatadogSpanParser(limits, statistics, service, Json);

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Datadog;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        bool array = value[0] == '[';
        inner = place switch
        {
            Root when array => Root,
            Root when value[0] == '{' => Places.Of(value, isLast || value.Length > Limits.RecordBytes),
            Payload when array && (key.SequenceEqual("traces"u8) || key.SequenceEqual("tracerPayloads"u8) || key.SequenceEqual("chunks"u8) || key.SequenceEqual("spans"u8)) => Root,
            _ => ObjectPlaces.Passed,
        };
        return inner switch
        {
            Span => JsonHandling.Record,
            ObjectPlaces.Passed => JsonHandling.Skip,
            ObjectPlaces.Unclear => JsonHandling.Undecided,
            ObjectPlaces.None => JsonHandling.Foreign,
            _ => JsonHandling.Enter,
        };
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault) => _parser.Read(at, batch, out fault);
}
