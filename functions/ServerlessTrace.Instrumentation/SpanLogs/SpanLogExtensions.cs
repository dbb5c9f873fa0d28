using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Span logs with OpenTelemetry's SDK.</summary>
public static class SpanLogExtensions
{
    /// <summary>Adds this library's spans, the business ids of the ambient scope on every span, and the export as span logs.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="pipeline">Where to; whoever made it disposes it, after the provider.</param>
    /// <param name="format">What they say; service, version and environment come from the resource where they are null.</param>
    public static TracerProviderBuilder AddSpanLogs(this TracerProviderBuilder builder, SpanLogPipeline pipeline, SpanLogFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddSource(WorkSource.Name)
            .AddProcessor(new CorrelationProcessor(format?.Ids))
            .AddProcessor(new SpanLogExportProcessor(new SpanLogExporter(pipeline, format)));
    }
}
