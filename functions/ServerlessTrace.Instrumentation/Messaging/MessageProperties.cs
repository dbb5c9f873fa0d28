using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Messaging;

/// <summary>
/// Context in the properties of a message, for brokers that have them: Service Bus and Event Hubs (<c>ApplicationProperties</c>,
/// <c>Properties</c>), AMQP and Kafka headers as dictionaries. Properties may hold texts or UTF-8 bytes.
/// </summary>
public static class MessageProperties
{
    /// <summary>What Azure's own clients write; the same text as <c>traceparent</c>.</summary>
    private const string DiagnosticId = "Diagnostic-Id";

    /// <summary>Writes the current context.</summary>
    public static void InjectContext(this IDictionary<string, object> properties) => properties.InjectContext(WorkContext.Current);

    /// <summary>Writes a context, in place of one that is there already.</summary>
    public static void InjectContext(this IDictionary<string, object> properties, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(properties);
        foreach (string field in TracePropagators.Messages.Fields ?? new HashSet<string>())
        {
            properties.Remove(field);
        }

        properties.Remove(DiagnosticId);
        TracePropagators.Messages.Inject(context, properties, static (to, name, value) => to[name] = value);
    }

    /// <summary>Reads the sender's context; empty where there is none, or it is broken.</summary>
    public static PropagationContext ExtractContext(this IEnumerable<KeyValuePair<string, object>> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return TracePropagators.Messages.Extract(default, properties, static (from, name) =>
        {
            string[] values = Values(from, name);
            return values.Length == 0 && name == ContextHeaders.TraceParent ? Values(from, DiagnosticId) : values;
        });
    }

    private static string[] Values(IEnumerable<KeyValuePair<string, object>> properties, string name) =>
    [
        .. properties.Where(property => string.Equals(property.Key, name, StringComparison.OrdinalIgnoreCase))
            .Select(property => property.Value switch
            {
                string text => text,
                byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
                _ => null,
            })
            .OfType<string>(),
    ];
}
