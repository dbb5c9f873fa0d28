using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Alerts.Evaluation;

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
            FromUnixNano = UnixNano(alert.Window.From),
            ToUnixNano = UnixNano(alert.Window.To),
            Limit = Searched,
        };
        TracePage found = await search.FindAsync(query, cancellationToken).ConfigureAwait(false);
        IEnumerable<TraceSummary> traces = IsOfErrors(alert) ? found.Traces.Where(trace => trace.Status == TraceStatus.Error) : found.Traces;
        return [.. traces.OrderByDescending(trace => trace.DurationNano).ThenBy(trace => trace.TraceId).Take(Kept).Select(trace => new AlertTrace(trace.TraceId.ToString(), trace.DurationNano / 1e6))];
    }

    private static bool IsOfErrors(AlertReport alert) => alert.Unit == "%";

    private static long UnixNano(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
