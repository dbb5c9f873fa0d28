using System.Diagnostics;
using System.Globalization;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>The <c>traceparent</c> text, where one is needed outside a carrier.</summary>
public static class TraceParent
{
    /// <summary>Writes version 00 (W3C Trace Context, 3.2.2), with the flags as they are: Level 2's random flag stays.</summary>
    public static string Of(in ActivityContext context) =>
        string.Create(CultureInfo.InvariantCulture, $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(int)context.TraceFlags & 0x03:x2}");
}
