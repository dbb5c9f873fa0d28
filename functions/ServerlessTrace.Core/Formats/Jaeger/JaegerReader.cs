using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// Reads what Jaeger's page offers for download and its query API answers (jaegertracing/jaeger, <c>internal/uimodel/model.go</c>):
/// <c>{"data": [{"traceID", "spans": [...], "processes": {...}}]}</c>, or one or several of the objects in <c>data</c>. The processes, which
/// name the services, follow the spans that refer to them.
/// </summary>
internal sealed unsafe class JaegerReader : JsonRecordReader
{
    // Places, and the records that are read.
    private const int Document = 1;
    private const int Spans = 2;
    private const int Processes = 3;
    private const int SpanRecordPlace = 4;
    private const int ProcessRecord = 5;

    private readonly JaegerSpanParser _parser;
    private readonly JaegerProcesses _processes;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public JaegerReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _parser = new JaegerSpanParser(limits, statistics, service, Json);
        _processes = new JaegerProcesses(limits, statistics, Json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Jaeger;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        bool array = value[0] == '[';
        bool json = value[0] == '{';
        inner = place switch
        {
            Root => array ? Root : Document,
            Document when array && key.SequenceEqual("data"u8) => Root,
            Document when array && key.SequenceEqual("spans"u8) => Spans,
            Document when json && key.SequenceEqual("processes"u8) => Processes,
            Spans => SpanRecordPlace,
            Processes => ProcessRecord,
            _ => -1,
        };
        return inner is SpanRecordPlace or ProcessRecord ? JsonHandling.Record : inner >= 0 ? JsonHandling.Enter : JsonHandling.Skip;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        if (*at != '{')
        {
            fault = place == ProcessRecord ? "a process is a JSON object" : "a span is a JSON object";
            return Json.SkipValue(at, 1);
        }

        if (place == ProcessRecord)
        {
            byte* end = Json.SkipValue(at, 1);
            fault = end is null ? null : _processes.Add(Key, new ReadOnlySpan<byte>(at, (int)(end - at)));
            return end;
        }

        at = _parser.Read(at, batch, out JaegerProcessReference process, out fault);
        if (at is not null && fault is null)
        {
            _processes.Assign(batch, process);
        }

        return at;
    }

    /// <inheritdoc/>
    protected override void Left(int place, SpanBatch batch)
    {
        if (place == Document)
        {
            _processes.EndTrace(batch);
        }
    }

    /// <inheritdoc/>
    protected override void LeaveBatch(SpanBatch batch) => _processes.LeaveBatch(batch);
}
