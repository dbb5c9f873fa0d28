namespace ServerlessTrace.Core.Analysis;

/// <summary>How a trace is analysed.</summary>
public sealed record AnalysisOptions
{
    /// <summary>The defaults.</summary>
    public static AnalysisOptions Default { get; } = new();

    /// <summary>Whether slightly overlapping siblings count as sequential on the critical path.</summary>
    public CriticalPathMode CriticalPath { get; init; }

    /// <summary>
    /// The attributes that tell what a trace is about, in the order reports show them. Case, <c>_</c>, <c>.</c> and <c>-</c>
    /// make no difference: <c>order_id</c> also finds <c>orderId</c> and <c>order.id</c>.
    /// </summary>
    public IReadOnlyList<string> BusinessKeys { get; init; } =
    [
        "user_id", "customer_id", "session_id", "order_id", "transaction_id", "payment_id", "correlation_id", "request_id",
        "amount", "currency", "payment_method",
    ];

    /// <summary>
    /// The attributes by whose values latency is measured, beside service, operation and environment; none by default. Spelled as freely as business keys.
    /// </summary>
    public IReadOnlyList<string> MeasuredAttributes { get; init; } = [];

    /// <summary>Whether latency is measured by an attribute, however spelled.</summary>
    public bool Measures(string attribute) => MeasuredAttributes.Any(name => AttributeName.IsSame(name, attribute));

    /// <summary>Insights of a trace at most; those that cost least are left out.</summary>
    public int MaxInsights { get; init; } = 20;
}
