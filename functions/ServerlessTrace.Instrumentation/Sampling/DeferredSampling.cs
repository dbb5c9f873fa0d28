using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>
/// Decides on a trace when its part in this process has ended: traces that a sampler did not choose are recorded all the same and held, and
/// kept if a span failed or was slow. Other services are told <c>sampled=0</c> meanwhile: each decides on its own part, and failures come up in all of
/// those that see them. The cost is recording every span; nothing more is exported.
/// </summary>
/// <example><code>
/// builder.SetSampler(DeferredSampling.Undecided(TraceSamplers.ParentBasedConsistent(0.1)))
///        .AddProcessor(new DeferredSampling(new BatchActivityExportProcessor(exporter), new DeferredSamplingOptions()));
/// </code></example>
/// <param name="kept">What gets the spans of sampled and of kept traces; disposed with this.</param>
/// <param name="options">Which are kept.</param>
public sealed class DeferredSampling(BaseProcessor<Activity> kept, DeferredSamplingOptions options) : BaseProcessor<Activity>
{
    private readonly ConcurrentDictionary<ActivitySpanId, Held> _held = new();

    /// <summary>A sampler that records what another one drops, without sampling it.</summary>
    public static Sampler Undecided(Sampler sampler) => new AlwaysRecordSampler(sampler);

    /// <inheritdoc/>
    public override void OnStart(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Recorded)
        {
            kept.OnStart(data);
            return;
        }

        if (!IsLocalRoot(data))
        {
            return;
        }

        if (_held.Count < options.MaxTraces)
        {
            _held.TryAdd(data.SpanId, new Held());
        }
        else
        {
            InstrumentationMeter.UndecidedTraces.Add(1);
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Recorded)
        {
            kept.OnEnd(data);
            return;
        }

        Activity root = LocalRoot(data);
        if (!_held.TryGetValue(root.SpanId, out Held? held))
        {
            return;
        }

        bool isWorthIt = (options.KeepErrors && data.Status == ActivityStatusCode.Error) || (options.Keep?.Invoke(data) ?? false);
        bool isRoot = ReferenceEquals(root, data);
        isWorthIt |= isRoot && data.Duration >= options.KeepSlowerThan;
        Activity[] spans = held.Add(data, isWorthIt, isRoot, options.MaxSpansPerTrace);
        if (isRoot)
        {
            _held.TryRemove(data.SpanId, out _);
        }

        foreach (Activity span in spans)
        {
            span.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
            kept.OnEnd(span);
        }
    }

    /// <inheritdoc/>
    protected override bool OnForceFlush(int timeoutMilliseconds) => kept.ForceFlush(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override bool OnShutdown(int timeoutMilliseconds) => kept.Shutdown(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            kept.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool IsLocalRoot(Activity span) => span.Parent is null;

    private static Activity LocalRoot(Activity span)
    {
        while (span.Parent is { } parent)
        {
            span = parent;
        }

        return span;
    }

    /// <summary>The ended spans of a trace that nobody has decided on.</summary>
    private sealed class Held
    {
        private readonly Lock _gate = new();
        private readonly List<Activity> _spans = [];
        private bool _isWorthIt;

        /// <summary>Takes a span; returns those to export now, all at the end of a trace that is worth it.</summary>
        public Activity[] Add(Activity span, bool isWorthIt, bool isLast, int most)
        {
            lock (_gate)
            {
                _isWorthIt |= isWorthIt;
                if (_spans.Count < most || isLast)
                {
                    _spans.Add(span);
                }

                return isLast && _isWorthIt ? [.. _spans] : [];
            }
        }
    }
}
