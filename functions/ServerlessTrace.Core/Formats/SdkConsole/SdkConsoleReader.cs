using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>Reads spans that OpenTelemetry's SDKs print as JSON, one after another, indented or not: those of Python and Go.</summary>
internal sealed unsafe class SdkConsoleReader : JsonRecordReader
{
    private readonly SdkSpanParser _parser;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public SdkConsoleReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics) => _parser = new SdkSpanParser(limits, statistics, service, Json);

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.SdkConsole;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        inner = Root;
        return value[0] == '[' ? JsonHandling.Enter : JsonHandling.Record;
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault) => _parser.Read(at, batch, out fault);
}
