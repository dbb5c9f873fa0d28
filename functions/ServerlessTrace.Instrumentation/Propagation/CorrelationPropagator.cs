using System.Buffers;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>
/// Carries the correlation id and the request id in fields of their own, for receivers that know no baggage. Within the process they are
/// the baggage entries <c>correlation_id</c> and <c>request_id</c>.
/// </summary>
/// <param name="inHttp">Whether to write them as HTTP headers (<c>X-Correlation-Id</c>), not as fields (<c>correlation_id</c>). Both are read.</param>
public sealed class CorrelationPropagator(bool inHttp) : TextMapPropagator
{
    /// <summary>The longest id that is taken; longer ones are no ids but load.</summary>
    public const int LongestId = 128;

    /// <summary>Visible ASCII without what would need escaping in headers, JSON, SQL or log lines.</summary>
    private static readonly SearchValues<char> IdLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=@#~|!*");

    /// <inheritdoc/>
    public override ISet<string> Fields { get; } = inHttp
        ? new HashSet<string> { ContextHeaders.CorrelationId, ContextHeaders.RequestId }
        : new HashSet<string> { ContextHeaders.CorrelationIdField, ContextHeaders.RequestIdField };

    /// <inheritdoc/>
    public override PropagationContext Extract<T>(PropagationContext context, T carrier, Func<T, string, IEnumerable<string>?> getter)
    {
        ArgumentNullException.ThrowIfNull(getter);
        Baggage baggage = Read(context.Baggage, ContextHeaders.CorrelationIdField, ContextHeaders.CorrelationId, carrier, getter);
        baggage = Read(baggage, ContextHeaders.RequestIdField, ContextHeaders.RequestId, carrier, getter);
        return new PropagationContext(context.ActivityContext, baggage);
    }

    /// <inheritdoc/>
    public override void Inject<T>(PropagationContext context, T carrier, Action<T, string, string> setter)
    {
        ArgumentNullException.ThrowIfNull(setter);
        Write(ContextHeaders.CorrelationIdField, ContextHeaders.CorrelationId);
        Write(ContextHeaders.RequestIdField, ContextHeaders.RequestId);

        void Write(string field, string header)
        {
            if (context.Baggage.GetBaggage(field) is { } id && IsId(id))
            {
                setter(carrier, inHttp ? header : field, id);
            }
        }
    }

    /// <summary>Whether a text can be an id: 1 to 128 visible ASCII characters that are harmless wherever ids go.</summary>
    internal static bool IsId(string text) => text.Length is > 0 and <= LongestId && !text.AsSpan().ContainsAnyExcept(IdLetters);

    /// <summary>The field of its own counts before the baggage entry: whoever set it meant it.</summary>
    private static Baggage Read<T>(Baggage baggage, string field, string header, T carrier, Func<T, string, IEnumerable<string>?> getter)
    {
        string? id = getter(carrier, header)?.FirstOrDefault(IsId) ?? getter(carrier, field)?.FirstOrDefault(IsId);
        return id is null ? baggage : baggage.SetBaggage(field, id);
    }
}
