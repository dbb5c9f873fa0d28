using System.Collections.Immutable;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>One run of a function: what its parameters are bound from.</summary>
/// <param name="Trigger">What the trigger's parameter is bound from.</param>
/// <param name="Services">The scope of this run.</param>
/// <param name="Cancellation">Cancelled when the host cannot wait any longer.</param>
internal sealed record FunctionRun(object? Trigger, IServiceProvider Services, CancellationToken Cancellation)
{
    private static readonly ImmutableDictionary<string, object?> Nothing =
        ImmutableDictionary.Create<string, object?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Values by name: of a blob path's pattern or an HTTP route.</summary>
    public IReadOnlyDictionary<string, object?> Binding { get; init; } = Nothing;
}
