namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>What a span says of the process that it ran in.</summary>
/// <param name="Id">Its key in the trace's <c>processes</c>; null if the span names none.</param>
/// <param name="Process">The process itself as JSON, if the span carries it; empty otherwise.</param>
internal readonly record struct JaegerProcessReference(string? Id, byte[] Process);
