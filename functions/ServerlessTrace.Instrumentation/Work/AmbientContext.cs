using System.Diagnostics;
using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>What is ambient in an asynchronous flow.</summary>
/// <param name="Current">The span.</param>
/// <param name="Baggage">The baggage.</param>
/// <param name="Received">The context that was received, for where nobody listens to spans.</param>
internal readonly record struct AmbientContext(Activity? Current, Baggage Baggage, ActivityContext Received);
