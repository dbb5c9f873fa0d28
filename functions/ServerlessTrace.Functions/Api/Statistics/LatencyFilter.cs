using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Latency;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Which series are asked for; any where null.</summary>
internal sealed record LatencyFilter(string? Service, string? Operation, string? Environment, LatencyStep? Step)
{
    public static LatencyFilter? TryRead(IQueryCollection query, out string error)
    {
        error = string.Empty;
        LatencyStep? step = query["step"].ToString() switch
        {
            "trace" => LatencyStep.Trace,
            "span" => LatencyStep.Span,
            _ => null,
        };
        if (step is null && query["step"].ToString().Length > 0)
        {
            error = "'step' must be 'trace' or 'span'.";
            return null;
        }

        return new LatencyFilter(NullIfEmpty(query["service"]), Template(query["operation"]), NullIfEmpty(query["environment"]), step);
    }

    public bool Has(LatencySeries series) =>
        (Service is null || string.Equals(Service, series.Service, StringComparison.Ordinal))
        && (Operation is null || string.Equals(Operation, series.Operation, StringComparison.Ordinal))
        && (Environment is null || string.Equals(Environment, series.Environment, StringComparison.Ordinal))
        && (Step is null || Step == series.Step);

    /// <summary>Series are of operations without ids; whoever knows one with an id means its template.</summary>
    private static string? Template(string? value) => NullIfEmpty(value) is { } name ? OperationTemplate.Of(name) : null;

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
