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
    private readonly ConcurrentDictionary<ActivityTraceId, Held> _held = new();

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

        if (_held.TryGetValue(data.TraceId, out Held? held))
        {
            held.Begin();
        }
        else if (_held.Count < options.MaxTraces)
        {
            _held.GetOrAdd(data.TraceId, static _ => new Held()).Begin();
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

        if (!_held.TryGetValue(data.TraceId, out Held? held))
        {
            return;
        }

        bool isRoot = IsLocalRoot(data);
        bool isWorthIt = (options.KeepErrors && data.Status == ActivityStatusCode.Error)
            || (isRoot && data.Duration >= options.KeepSlowerThan)
            || (options.Keep?.Invoke(data) ?? false);
        Activity[] spans = held.Add(data, isWorthIt, isRoot, options.MaxSpansPerTrace, out bool isLast);
        if (isLast)
        {
            _held.TryRemove(KeyValuePair.Create(data.TraceId, held));
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

    private static bool IsLocalRoot(Activity span) => span.ParentSpanId == default || span.HasRemoteParent;

    /// <summary>The ended spans of a trace that nobody has decided on.</summary>
    private sealed class Held
    {
        private readonly Lock _gate = new();
        private readonly List<Activity> _spans = [];
        private int _openRoots;
        private bool _isWorthIt;

        /// <summary>A span began that has its parent elsewhere. Two of a trace may run at once here.</summary>
        public void Begin()
        {
            lock (_gate)
            {
                _openRoots++;
            }
        }

        /// <summary>Takes a span; returns those to export now, all at the end of a trace that is worth it.</summary>
        public Activity[] Add(Activity span, bool isWorthIt, bool isRoot, int most, out bool isLast)
        {
            lock (_gate)
            {
                _isWorthIt |= isWorthIt;
                _openRoots -= isRoot ? 1 : 0;
                isLast = isRoot && _openRoots == 0;
                if (_spans.Count < most || isRoot)
                {
                    _spans.Add(span);
                }

                return isLast && _isWorthIt ? [.. _spans] : [];
            }
        }
    }
}
