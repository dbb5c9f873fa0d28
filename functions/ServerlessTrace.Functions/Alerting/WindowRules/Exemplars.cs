using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>Finds traces that explain an alert: the worst of those that a search finds in its window.</summary>
public sealed class Exemplars(TraceSearch search)
{
    private const int Searched = 500;
    private const int Kept = 5;

    /// <summary>The worst traces of an alert's window, at most five.</summary>
    public async Task<IReadOnlyList<AlertTrace>> FindAsync(SeriesRule rule, AlertReport alert, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(alert);
        var query = new TraceQuery
        {
            Service = alert.Service,
            Operation = alert.Operation,
            Environment = alert.Environment,
            FromUnixNano = UnixNano.Of(alert.Window.From),
            ToUnixNano = UnixNano.Of(alert.Window.To),
            Status = IsOfErrors(rule, alert) ? TraceStatus.Error : null,
            MinDurationNano = LeastDuration(alert),
            Limit = Searched,
        };
        TracePage found = await search.FindAsync(query, cancellationToken).ConfigureAwait(false);
        return [.. found.Traces.OrderByDescending(trace => trace.DurationNano).ThenBy(trace => trace.TraceId).Take(Kept).Select(trace => new AlertTrace(trace.TraceId.ToString(), trace.DurationNano / 1e6))];
    }

    private static bool IsOfErrors(SeriesRule rule, AlertReport alert) => alert.Unit == "%" || rule is BurnRateRule { Latency: null };

    /// <summary>Where something takes too long, a trace that explains it takes at least as long, as near as sketches tell; in ns.</summary>
    private static long LeastDuration(AlertReport alert) => alert.Unit == "ms" && alert.Observed > alert.Threshold
        ? (long)(alert.Threshold * 1e6 * (1 - (2 * LatencySketch.RelativeError)))
        : 0;
}
