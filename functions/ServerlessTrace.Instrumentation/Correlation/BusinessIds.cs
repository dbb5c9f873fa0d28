using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Correlation;

/// <summary>
/// The allow-list of business ids: the only baggage that a scope sets and that becomes attributes of spans and fields of logs. What travels in
/// headers is seen by everybody on the way, so names are listed, and values are short ids without blanks, never personal data or secrets.
/// </summary>
public sealed class BusinessIds
{
    private readonly FrozenSet<string> _names;

    /// <summary>An allow-list.</summary>
    /// <param name="names">Names in snake_case, besides <c>correlation_id</c> and <c>request_id</c>, which are always in it.</param>
    public BusinessIds(params IEnumerable<string> names)
    {
        _names = names.Append(ContextHeaders.CorrelationIdField).Append(ContextHeaders.RequestIdField).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary><c>order_id, user_id, transaction_id, session_id, correlation_id, request_id</c>.</summary>
    public static BusinessIds Default { get; } = new("order_id", "user_id", "transaction_id", "session_id");

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Whether a name is on the list.</summary>
    public bool Allows(string name) => _names.Contains(name);

    /// <summary>Whether a name is on the list and its value can be an id: 1 to 128 characters that are harmless in headers, JSON and SQL.</summary>
    public bool Allows(string name, [NotNullWhen(true)] string? value) => value is not null && Allows(name) && CorrelationPropagator.IsId(value);
}
