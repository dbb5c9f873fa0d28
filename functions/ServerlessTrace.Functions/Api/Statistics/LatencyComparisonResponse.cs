using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>What changed between two ranges of time.</summary>
/// <param name="BaselineFrom">The beginning of the earlier range.</param>
/// <param name="BaselineTo">Its end.</param>
/// <param name="From">The beginning of the later range.</param>
/// <param name="To">Its end.</param>
/// <param name="Changes">What changed by more than 2 %, what costs most first.</param>
/// <param name="ChangesLeftOut">How many more there are.</param>
internal sealed record LatencyComparisonResponse(
    DateTimeOffset BaselineFrom, DateTimeOffset BaselineTo, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<LatencyChangeResponse> Changes, int ChangesLeftOut);

/// <summary>What changed about a series: <c>CostMs</c> is how much longer one takes on average, for as many as there were.</summary>
internal sealed record LatencyChangeResponse(
    string Service, string Operation, string? Environment, string Step, double CostMs, LatencyNumbers? Before, LatencyNumbers? After)
{
    public static LatencyChangeResponse Of(LatencyChange change, TimeRange before, TimeRange after) => new(
        change.Series.Service,
        change.Series.Operation,
        change.Series.Environment.Length == 0 ? null : change.Series.Environment,
        LatencySeriesResponse.NameOf(change.Series.Step),
        LatencyNumbers.Milliseconds(change.CostNano),
        change.Before is null ? null : LatencyNumbers.Of(change.Before, before.Length),
        change.After is null ? null : LatencyNumbers.Of(change.After, after.Length));
}
