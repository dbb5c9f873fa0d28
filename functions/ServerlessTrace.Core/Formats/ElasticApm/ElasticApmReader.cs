using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.ElasticApm;

/// <summary>Reads what Elastic APM's agents send, a JSON object a line, of which the first says of which process the others are.</summary>
internal sealed unsafe class ElasticApmReader : JsonRecordReader
{
    private readonly ElasticEventParser _parser;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public ElasticApmReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics) => _parser = new ElasticEventParser(limits, statistics, service, Json);

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.ElasticApm;

    /// <summary>Nobody could go on without the first line.</summary>
    public override bool CanBeContinued => false;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = Root;
        return value[0] == '[' ? JsonHandling.Enter : JsonHandling.Record;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault) => _parser.Read(at, batch, out fault);
}
