using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>OpenTelemetry's batching, whose flush reaches the sink: its own ends at the exporter.</summary>
internal sealed class SpanLogExportProcessor(SpanLogExporter spanLogs) : BatchActivityExportProcessor(spanLogs)
{
    /// <inheritdoc/>
    protected override bool OnForceFlush(int timeoutMilliseconds) => base.OnForceFlush(timeoutMilliseconds) && exporter.ForceFlush(timeoutMilliseconds);
}
