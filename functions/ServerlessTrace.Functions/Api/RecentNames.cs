using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Storage.Blocks;

namespace ServerlessTrace.Functions.Api;

/// <summary>The names that other tracing tools offer for choice: those of the last two days, as Jaeger looks back by default.</summary>
public sealed class RecentNames(AggregateStore aggregates, TimeProvider clock)
{
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(2);

    /// <summary>Services that sent spans, by name.</summary>
    public async Task<string[]> ServicesAsync(CancellationToken cancellationToken) => Names(await RecentAsync(cancellationToken).ConfigureAwait(false), static series => series.Service);

    /// <summary>What a service does, by name.</summary>
    public async Task<string[]> OperationsAsync(string service, CancellationToken cancellationToken) =>
        Names(
            (await RecentAsync(cancellationToken).ConfigureAwait(false)).Where(series => string.Equals(series.Service, service, StringComparison.Ordinal)),
            static series => series.Operation);

    /// <summary>What a service calls, by name: services, databases, queues, hosts.</summary>
    public async Task<string[]> CalledByAsync(string service, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        DependencyGraph graph = await CallsAsync(now - LookBack, now, cancellationToken).ConfigureAwait(false);
        return [.. graph.Edges.Where(edge => string.Equals(edge.Caller.Name, service, StringComparison.Ordinal)).Select(static edge => edge.Callee.Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Who called whom in a range of time.</summary>
    public async Task<DependencyGraph> CallsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        DependencyGraph.Of(await aggregates.ReadTotalsAsync(from, to, cancellationToken).ConfigureAwait(false));

    private async Task<IEnumerable<LatencySeries>> RecentAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        TraceAggregates totals = await aggregates.ReadTotalsAsync(now - LookBack, now, cancellationToken).ConfigureAwait(false);
        return totals.Latency.All.Select(static item => item.Series).Where(static series => series.Step == LatencyStep.Span);
    }

    private static string[] Names(IEnumerable<LatencySeries> series, Func<LatencySeries, string> nameOf) =>
        [.. series.Select(nameOf).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
