namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>What a span says of the process that it ran in; both are places in the content.</summary>
/// <param name="id">Where its key in the trace's <c>processes</c> is, a string; null if the span names none.</param>
/// <param name="process">Where the process itself is, an object, if the span carries it; null otherwise.</param>
internal readonly unsafe struct JaegerProcessReference(byte* id, byte* process)
{
    public readonly byte* Id = id;
    public readonly byte* Process = process;
}
