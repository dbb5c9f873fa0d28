using System.Diagnostics;
using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>
/// An OpenTelemetry exporter that writes span logs. Spans arrive when they have ended; to see those that never end use
/// <see cref="SpanLogListener"/>. Baggage is seen as attributes, with <see cref="Correlation.CorrelationProcessor"/>.
/// </summary>
/// <param name="pipeline">Where to; whoever made it disposes it.</param>
/// <param name="format">What they say; service, version and environment come from the resource where they are null.</param>
public sealed class SpanLogExporter(SpanLogPipeline pipeline, SpanLogFormat? format = null) : BaseExporter<Activity>
{
    private readonly SpanLogFormat _given = format ?? new SpanLogFormat();
    private SpanLogRecorder? _recorder;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> batch)
    {
        _recorder ??= new SpanLogRecorder(pipeline, WithResource(_given));
        bool withStart = _given.Records == SpanLogRecords.StartAndEnd;
        foreach (Activity span in batch)
        {
            if (withStart)
            {
                _recorder.Start(span, default);
            }

            _recorder.End(span, withStart);
        }

        return ExportResult.Success;
    }

    /// <inheritdoc/>
    protected override bool OnForceFlush(int timeoutMilliseconds) => pipeline.FlushAsync().Wait(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override bool OnShutdown(int timeoutMilliseconds) => OnForceFlush(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _recorder?.Dispose();
        }

        base.Dispose(disposing);
    }

    private SpanLogFormat WithResource(SpanLogFormat given)
    {
        Dictionary<string, string?> resource = ParentProvider.GetResource().Attributes
            .ToDictionary(attribute => attribute.Key, attribute => attribute.Value.ToString(), StringComparer.Ordinal);
        return given with
        {
            Service = given.Service ?? resource.GetValueOrDefault("service.name"),
            Version = given.Version ?? resource.GetValueOrDefault("service.version"),
            Environment = given.Environment ?? resource.GetValueOrDefault("deployment.environment.name") ?? resource.GetValueOrDefault("deployment.environment"),
        };
    }
}
