using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>
/// Makes the platform's own spans (ASP.NET Core's requests, <c>HttpClient</c>'s calls) speak a propagator of OpenTelemetry's: registered as a
/// service it is used by ASP.NET Core, as <see cref="DistributedContextPropagator.Current"/> by <c>HttpClient</c> too.
/// </summary>
/// <param name="propagator">What reads and writes.</param>
public sealed class PlatformPropagator(TextMapPropagator propagator) : DistributedContextPropagator
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields { get; } = [.. propagator.Fields ?? new HashSet<string>()];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null && setter is not null)
        {
            propagator.Inject(new PropagationContext(activity.Context, Baggage.Current), carrier, (to, name, value) => setter(to, name, value));
        }
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        ActivityContext context = Extract(carrier, getter).ActivityContext;
        traceId = context.IsValid() ? TraceParent.Of(context) : null;
        traceState = context.TraceState;
    }

    /// <summary>Nothing: OpenTelemetry's baggage is another than an activity's, and the middleware reads it.</summary>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    private PropagationContext Extract(object? carrier, PropagatorGetterCallback? getter) => getter is null
        ? default
        : propagator.Extract(default, carrier, (from, name) =>
        {
            getter(from, name, out string? value, out IEnumerable<string>? values);
            return values ?? (value is null ? null : [value]);
        });
}
