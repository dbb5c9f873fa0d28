using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace ServerlessTrace.Instrumentation.Tests;

/// <summary>Contexts and carriers to test with.</summary>
internal static class Contexts
{
    public const string Trace = "0af7651916cd43dd8448eb211c80319c";
    public const string Span = "b7ad6b7169203331";
    public const string Parent = $"00-{Trace}-{Span}-01";

    public static PropagationContext Of(string trace = Trace, string span = Span, string? state = null, params (string Name, string Value)[] baggage) => new(
        new ActivityContext(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateFromString(span), ActivityTraceFlags.Recorded, state, isRemote: true),
        Baggage.Create(baggage.ToDictionary(entry => entry.Name, entry => entry.Value)));

    public static PropagationContext Extract(this TextMapPropagator propagator, params (string Name, string Value)[] headers)
    {
        ILookup<string, string> carrier = headers.ToLookup(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
        return propagator.Extract(default, carrier, static (from, name) => from.Contains(name) ? from[name] : null);
    }

    public static Dictionary<string, string> Inject(this TextMapPropagator propagator, PropagationContext context)
    {
        Dictionary<string, string> headers = [];
        propagator.Inject(context, headers, static (to, name, value) => to.Add(name, value));
        return headers;
    }

    public static string Text(this PropagationContext context) => context.ActivityContext.IsValid()
        ? $"{context.ActivityContext.TraceId}-{context.ActivityContext.SpanId}-{(int)context.ActivityContext.TraceFlags:x2}"
        : "none";
}
