namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>How the parameters of one kind of function get their values.</summary>
/// <param name="Trigger">Makes the trigger parameter's value.</param>
/// <param name="Names">The names that other parameters may be bound by.</param>
internal sealed record TriggerBinding(Func<FunctionRun, ValueTask<object?>> Trigger, IReadOnlySet<string> Names)
{
    private static readonly IReadOnlySet<string> NoNames = new HashSet<string>();

    /// <summary>A trigger whose parameter takes the value as it is.</summary>
    public static TriggerBinding Direct { get; } = new(static run => ValueTask.FromResult(run.Trigger), NoNames);

    public static TriggerBinding Of(Func<FunctionRun, ValueTask<object?>> trigger) => new(trigger, NoNames);
}
