using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Reads Application Insights' tables as Azure Monitor's diagnostic settings export them: a record a line, in append blobs called
/// <c>PT1H.json</c> (learn.microsoft.com/azure/azure-monitor/platform/resource-logs-blob-format), and <c>{"records": [...]}</c>, as blobs were written
/// before and messages to Event Hubs still are.
/// </summary>
internal sealed unsafe class AzureMonitorReader : JsonRecordReader
{
    private const int Wrapper = 1;

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

        bool? wraps = WrapsRecords(value);
        inner = wraps == true ? Wrapper : Root;
        return wraps == true ? JsonHandling.Enter : wraps == false || isLast ? JsonHandling.Record : JsonHandling.Undecided;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault) => _parser.Read(at, batch, out fault);

    /// <summary>Whether an object's first field is <c>records</c> and holds an array; null while too little of it is here.</summary>
    private static bool? WrapsRecords(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = value[1..];
        return Passes("\"records\""u8, ref rest) is not true and var key ? key
            : Passes(":"u8, ref rest) is not true and var colon ? colon
            : Passes("["u8, ref rest);
    }

    private static bool? Passes(ReadOnlySpan<byte> token, ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        if (rest.StartsWith(token))
        {
            rest = rest[token.Length..];
            return true;
        }

        return token.StartsWith(rest) ? null : false;
    }
}
