using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>
/// Reads both forms of B3 and writes the one asked for. OpenTelemetry's API has an obsolete one that reads one form only, and takes neither
/// the debug flag nor upper-case ids. No decision in the headers means that the receiver decides: such a trace is taken as sampled.
/// </summary>
/// <param name="write">The form to write.</param>
public sealed class B3Propagator(B3Headers write) : TextMapPropagator
{
    private const string Single = "b3";
    private const string TraceId = "X-B3-TraceId";
    private const string SpanId = "X-B3-SpanId";
    private const string Sampled = "X-B3-Sampled";
    private const string Flags = "X-B3-Flags";
    private const int LongestSingle = 32 + 1 + 16 + 1 + 1 + 1 + 16;

    /// <inheritdoc/>
    public override ISet<string> Fields { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Single, TraceId, SpanId, Sampled, Flags };

    /// <inheritdoc/>
    public override PropagationContext Extract<T>(PropagationContext context, T carrier, Func<T, string, IEnumerable<string>?> getter)
    {
        ArgumentNullException.ThrowIfNull(getter);
        if (context.ActivityContext.IsValid())
        {
            return context;
        }

        bool found = OnlyValue(getter(carrier, Single)) is { } single
            ? TryReadSingle(single, out ActivityContext parent)
            : TryRead(OnlyValue(getter(carrier, TraceId)), OnlyValue(getter(carrier, SpanId)), State(), out parent);
        return found ? new PropagationContext(parent, context.Baggage) : context;

        string? State() => OnlyValue(getter(carrier, Flags)) == "1" ? "d" : OnlyValue(getter(carrier, Sampled));
    }

    /// <inheritdoc/>
    public override void Inject<T>(PropagationContext context, T carrier, Action<T, string, string> setter)
    {
        ArgumentNullException.ThrowIfNull(setter);
        if (write == B3Headers.None || !context.ActivityContext.IsValid())
        {
            return;
        }

        string trace = context.ActivityContext.TraceId.ToHexString();
        string span = context.ActivityContext.SpanId.ToHexString();
        string sampled = (context.ActivityContext.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? "1" : "0";
        if (write == B3Headers.Single)
        {
            setter(carrier, Single, $"{trace}-{span}-{sampled}");
            return;
        }

        setter(carrier, TraceId, trace);
        setter(carrier, SpanId, span);
        setter(carrier, Sampled, sampled);
    }

    private static bool TryReadSingle(string header, out ActivityContext context)
    {
        context = default;
        string[] parts = header.Length <= LongestSingle ? header.Split('-') : [];
        return parts.Length is >= 2 and <= 4 && TryRead(parts[0], parts[1], parts.Length > 2 ? parts[2] : null, out context);
    }

    private static bool TryRead(string? trace, string? span, string? state, out ActivityContext context)
    {
        context = default;
        if (!TryId(trace, 32, out string? traceId) || !TryId(span, 16, out string? spanId) || !TryState(state, out ActivityTraceFlags flags))
        {
            return false;
        }

        context = new ActivityContext(ActivityTraceId.CreateFromString(traceId), ActivitySpanId.CreateFromString(spanId), flags, isRemote: true);
        return true;
    }

    /// <summary>An id of 16 or 32 digits, lower case and padded: 64-bit trace ids are short ones of 128 bits.</summary>
    private static bool TryId(string? text, int length, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (text is null || (text.Length != length && text.Length != 16) || !text.All(char.IsAsciiHexDigit) || text.All(digit => digit == '0'))
        {
            return false;
        }

        id = LowerCase(text).PadLeft(length, '0');
        return true;
    }

    private static bool TryState(string? state, out ActivityTraceFlags flags)
    {
        flags = state is "0" or "false" ? ActivityTraceFlags.None : ActivityTraceFlags.Recorded;
        return state is null or "0" or "1" or "d" or "true" or "false";
    }

    private static string LowerCase(string hex) => string.Create(hex.Length, hex, static (to, from) => from.AsSpan().ToLowerInvariant(to));

    /// <summary>The value of a header that came once. Of two that disagree neither can be trusted.</summary>
    private static string? OnlyValue(IEnumerable<string>? values)
    {
        string[] all = values?.Take(2).ToArray() ?? [];
        return all.Length == 1 ? all[0] : null;
    }
}
