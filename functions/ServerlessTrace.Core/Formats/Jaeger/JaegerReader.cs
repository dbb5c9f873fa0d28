using System.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// Reads what Jaeger's page offers for download and its query API answers (jaegertracing/jaeger, <c>internal/uimodel/model.go</c>):
/// <c>{"data": [{"traceID", "spans": [...], "processes": {...}}]}</c>, or one or several of the objects in <c>data</c>. The processes, which
/// name the services, follow the spans that refer to them.
/// </summary>
internal sealed class JaegerReader(ReadLimits limits, SourceStatistics statistics, string service) : JsonRecordReader(limits, statistics)
{
    // Places, and the records that are read.
    private const int Document = 1;
    private const int Spans = 2;
    private const int Processes = 3;
    private const int SpanRecordPlace = 4;
    private const int ProcessRecord = 5;

    private readonly JaegerSpanParser _parser = new(limits, statistics, service);
    private readonly JaegerProcesses _processes = new(limits, statistics);

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
    protected override string? ReadRecord(int place, ReadOnlySpan<byte> record, SpanBatch batch)
    {
        if (place == ProcessRecord)
        {
            return _processes.Add(Encoding.UTF8.GetString(Key), record);
        }

        string? fault = _parser.Read(record, batch, out JaegerProcessReference process);
        if (fault is null)
        {
            _processes.Assign(batch, process);
        }

        return fault;
    }

    /// <inheritdoc/>
    protected override void Left(int place, SpanBatch batch)
    {
        if (place == Document)
        {
            _processes.EndTrace(batch, _parser.Builder);
        }
    }

    /// <inheritdoc/>
    protected override void LeaveBatch(SpanBatch batch) => _processes.LeaveBatch(batch, _parser.Builder);
}
