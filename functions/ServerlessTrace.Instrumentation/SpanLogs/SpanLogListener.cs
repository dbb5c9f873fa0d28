using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>
/// Writes span logs of activities without OpenTelemetry's SDK, each record when it happens: a span that hangs or dies with its process is seen
/// as started. Business ids of the ambient baggage become attributes.
/// </summary>
public sealed class SpanLogListener : IDisposable
{
    private readonly SpanLogRecorder _recorder;
    private readonly SpanLogFormat _format;
    private readonly Sampler _sampler;
    private readonly ActivityListener _listener;

    /// <summary>Begins to listen.</summary>
    /// <param name="pipeline">Where to; whoever made it disposes it, after this.</param>
    /// <param name="format">What they say; <see cref="SpanLogFormat.Service"/> should not be null.</param>
    /// <param name="sampler">Which traces; all where null. The samplers of OpenTelemetry and of this library both do.</param>
    /// <param name="sources">Names of activity sources, such as <c>Shop.*</c>; this library's own is always one.</param>
    public SpanLogListener(SpanLogPipeline pipeline, SpanLogFormat format, Sampler? sampler = null, params IReadOnlyList<string> sources)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(format);
        _format = format;
        _sampler = sampler ?? new ParentBasedSampler(new AlwaysOnSampler());
        _recorder = new SpanLogRecorder(pipeline, format);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkSource.Name || sources.Any(name => IsNamed(source.Name, name)),
            Sample = Sample,
            ActivityStarted = Started,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _recorder.Dispose();
    }

    private static bool IsNamed(string source, string name) =>
        name.EndsWith('*') ? source.StartsWith(name[..^1], StringComparison.OrdinalIgnoreCase) : string.Equals(source, name, StringComparison.OrdinalIgnoreCase);

    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        SamplingResult result = _sampler.ShouldSample(
            new SamplingParameters(options.Parent, options.TraceId, options.Name, options.Kind, options.Tags, options.Links));
        if (result.TraceStateString is { } state)
        {
            options = options with { TraceState = state };
        }

        // One that is dropped still carries the decision to others, unless its parent in this process does.
        return result.Decision switch
        {
            SamplingDecision.RecordAndSample => ActivitySamplingResult.AllDataAndRecorded,
            SamplingDecision.RecordOnly => ActivitySamplingResult.AllData,
            _ => options.Parent.TraceId == default || options.Parent.IsRemote ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None,
        };
    }

    private void Started(Activity span)
    {
        if (!span.Recorded)
        {
            return;
        }

        CorrelationScope.Tag(span, _format.Ids);
        if (_format.Records == SpanLogRecords.StartAndEnd)
        {
            _recorder.Start(span, Baggage.Current);
        }
    }

    private void Stopped(Activity span)
    {
        if (span.Recorded)
        {
            _recorder.End(span, _format.Records == SpanLogRecords.StartAndEnd);
        }
    }
}
