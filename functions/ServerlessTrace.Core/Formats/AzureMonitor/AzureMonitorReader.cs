using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Reads Application Insights' tables as Azure Monitor's diagnostic settings export them: a record a line, in append blobs called
/// <c>PT1H.json</c> (learn.microsoft.com/azure/azure-monitor/platform/resource-logs-blob-format), and <c>{"records": [...]}</c>, as blobs were written
/// before and messages to Event Hubs still are. And the telemetry that SDKs send, and continuous export's items.
/// </summary>
internal sealed unsafe class AzureMonitorReader : JsonRecordReader
{
    private const int Wrapper = 1;

    private const int Record = 2;

    private static readonly ObjectPlaces Places = new(
        likeliest: Wrapper, ("time", Record), ("timestamp", Record), ("Type", Record), ("itemType", Record), ("TimeGenerated", Record), ("TenantId", Record),
        ("name", Record), ("iKey", Record), ("context", Record), ("records", Wrapper));

    private readonly AzureRecordParser _parser;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of records that name none.</param>
    public AzureMonitorReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics) => _parser = new AzureRecordParser(limits, statistics, service, Json);

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.AzureMonitor;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = Root;
        if (value[0] == '[')
        {
            return place == Root || key.SequenceEqual("records"u8) ? JsonHandling.Enter : JsonHandling.Skip;
        }

        if (place != Root)
        {
            return JsonHandling.Skip;
        }

        inner = Places.Of(value, isLast || value.Length > Limits.RecordBytes);
        return inner switch
        {
            Wrapper => JsonHandling.Enter,
            ObjectPlaces.Unclear => JsonHandling.Undecided,
            _ => JsonHandling.Record,
        };
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault) => _parser.Read(at, batch, out fault);
}
