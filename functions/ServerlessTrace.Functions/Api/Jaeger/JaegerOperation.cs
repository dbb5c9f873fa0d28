namespace ServerlessTrace.Functions.Api.Jaeger;

/// <summary>What a service does.</summary>
/// <param name="Name">The spans' name.</param>
/// <param name="SpanKind">The spans' kind; empty where it is not known.</param>
internal sealed record JaegerOperation(string Name, string SpanKind);
