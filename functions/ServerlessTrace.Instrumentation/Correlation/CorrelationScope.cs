using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Correlation;

/// <summary>
/// Business ids that hold for everything begun inside: they flow as baggage over every carrier, become attributes of the current span and
/// of all spans started inside, and of log lines where a logger is given. Scopes nest; disposing one restores what was before.
/// </summary>
public sealed class CorrelationScope : IDisposable
{
    private readonly Baggage _before;
    private readonly IDisposable? _logs;
    private bool _ended;

    private CorrelationScope(Baggage before, IDisposable? logs)
    {
        _before = before;
        _logs = logs;
    }

    /// <summary>The correlation id of the ambient scope; null outside one.</summary>
    public static string? CorrelationId => Baggage.Current.GetBaggage(ContextHeaders.CorrelationIdField);

    /// <summary>Begins a scope with one id.</summary>
    /// <param name="name">A name on the allow-list.</param>
    /// <param name="value">The id.</param>
    /// <param name="ids">The allow-list; default <see cref="BusinessIds.Default"/>.</param>
    /// <param name="logger">Whose lines get the ids and the trace too.</param>
    public static CorrelationScope Begin(string name, string value, BusinessIds? ids = null, ILogger? logger = null) =>
        Begin([KeyValuePair.Create(name, value)], ids, logger);

    /// <summary>
    /// Begins a scope. An id that is not on the allow-list or whose value is none is left out and counted in the meter's
    /// <c>serverlesstrace.correlation.refused</c>: a request does not fail because of how it is traced.
    /// </summary>
    /// <param name="values">Ids by name.</param>
    /// <param name="ids">The allow-list; default <see cref="BusinessIds.Default"/>.</param>
    /// <param name="logger">Whose lines get the ids and the trace too.</param>
    public static CorrelationScope Begin(IEnumerable<KeyValuePair<string, string>> values, BusinessIds? ids = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        ids ??= BusinessIds.Default;
        Baggage before = Baggage.Current;
        Baggage baggage = before;
        foreach ((string name, string value) in values)
        {
            if (!ids.Allows(name, value))
            {
                InstrumentationMeter.RefusedIds.Add(1);
                continue;
            }

            baggage = baggage.SetBaggage(name, value);
            Activity.Current?.SetTag(name, value);
        }

        Baggage.Current = baggage;
        return new CorrelationScope(before, logger?.BeginScope(LogScope.Of(baggage, ids)));
    }

    /// <summary>Sets the business ids of the ambient baggage as attributes of a span that begins.</summary>
    internal static void Tag(Activity activity, BusinessIds ids)
    {
        if (Baggage.Current.Count == 0)
        {
            return;
        }

        foreach ((string name, string value) in Baggage.Current.GetBaggage())
        {
            if (ids.Allows(name, value) && activity.GetTagItem(name) is null)
            {
                activity.SetTag(name, value);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            _logs?.Dispose();
            Baggage.Current = _before;
        }
    }

    /// <summary>What log lines get: loggers with scopes write its pairs as fields.</summary>
    internal sealed class LogScope(KeyValuePair<string, object>[] fields) : IReadOnlyList<KeyValuePair<string, object>>
    {
        public int Count => fields.Length;

        public KeyValuePair<string, object> this[int index] => fields[index];

        public static LogScope Of(Baggage baggage, BusinessIds ids)
        {
            List<KeyValuePair<string, object>> fields = [];
            if (Activity.Current is { } activity)
            {
                fields.Add(new(ContextHeaders.TraceIdField, activity.TraceId.ToHexString()));
                fields.Add(new(ContextHeaders.SpanIdField, activity.SpanId.ToHexString()));
            }

            foreach ((string name, string value) in baggage.GetBaggage())
            {
                if (ids.Allows(name, value))
                {
                    fields.Add(new(name, value));
                }
            }

            return new LogScope([.. fields]);
        }

        public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => fields.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => string.Join(' ', fields.Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.Key}:{field.Value}")));
    }
}
