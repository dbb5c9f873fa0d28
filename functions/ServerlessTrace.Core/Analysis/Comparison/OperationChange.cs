namespace ServerlessTrace.Core.Analysis.Comparison;

/// <summary>What changed about a service, or about one of its operations.</summary>
/// <param name="Service">The service; empty where spans name none.</param>
/// <param name="Operation">The operation; null for the service as a whole.</param>
/// <param name="Before">In the first trace.</param>
/// <param name="After">In the second trace.</param>
public sealed record OperationChange(string Service, string? Operation, SpanSums Before, SpanSums After)
{
    /// <summary>How much longer it holds the second trace up, in ns; negative where it became faster.</summary>
    public long PathNano => After.PathNano - Before.PathNano;

    /// <summary>How much longer it works itself in the second trace, in ns.</summary>
    public long SelfNano => After.SelfNano - Before.SelfNano;
}
