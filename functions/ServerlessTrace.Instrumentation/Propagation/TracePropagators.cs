using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>
/// The propagators of the house. They read W3C Trace Context first, then B3, then baggage, then correlation and request id, which each may
/// be missing or broken without harm to the others.
/// </summary>
public static class TracePropagators
{
    /// <summary>For HTTP and gRPC: writes W3C, baggage and <c>X-Correlation-Id</c>. Give it to <c>Sdk.SetDefaultTextMapPropagator</c> too.</summary>
    public static TextMapPropagator Http { get; } = CreateHttp();

    /// <summary>For messages, blob metadata and stored context: the same with fields that are words (<c>correlation_id</c>).</summary>
    public static TextMapPropagator Messages { get; } = CreateMessages();

    /// <summary>A propagator for HTTP.</summary>
    /// <param name="b3">B3 headers to write besides.</param>
    /// <param name="ids">The business ids; default <see cref="BusinessIds.Default"/>.</param>
    /// <param name="onlyIds">Whether baggage other than business ids stays in the house.</param>
    public static TextMapPropagator CreateHttp(B3Headers b3 = B3Headers.None, BusinessIds? ids = null, bool onlyIds = false) =>
        Create(b3, ids, onlyIds, inHttp: true);

    /// <summary>A propagator for messages, with the parameters of <see cref="CreateHttp"/>.</summary>
    public static TextMapPropagator CreateMessages(B3Headers b3 = B3Headers.None, BusinessIds? ids = null, bool onlyIds = false) =>
        Create(b3, ids, onlyIds, inHttp: false);

    private static CompositeTextMapPropagator Create(B3Headers b3, BusinessIds? ids, bool onlyIds, bool inHttp) => new(
    [
        new TraceContextPropagator(),
        new B3Propagator(b3),
        new BoundedBaggagePropagator(ids ?? BusinessIds.Default, onlyIds),
        new CorrelationPropagator(inHttp),
    ]);
}
