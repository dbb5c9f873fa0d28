namespace ServerlessTrace.Core.Spans;

/// <summary>What an attribute describes.</summary>
public enum AttributeScope : byte
{
    /// <summary>The span or event itself.</summary>
    Span = 0,

    /// <summary>The resource that produced it: service, host, deployment.</summary>
    Resource = 1,

    /// <summary>The instrumentation scope (<c>otel.scope.*</c>).</summary>
    Instrumentation = 2,

    /// <summary>A baggage entry that was in effect (W3C Baggage).</summary>
    Baggage = 3,
}
