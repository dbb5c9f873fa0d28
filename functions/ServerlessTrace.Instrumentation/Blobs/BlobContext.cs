using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Blobs;

/// <summary>
/// Context in the metadata of a blob, so that whoever processes it goes on with the writer's trace. Metadata names are identifiers and values
/// ASCII: <c>traceparent</c>, <c>tracestate</c>, <c>baggage</c> (percent-encoded), <c>correlation_id</c>, <c>request_id</c> are.
/// </summary>
public static class BlobContext
{
    /// <summary>Writes the current context, for <c>BlobUploadOptions.Metadata</c>.</summary>
    public static void InjectContext(this IDictionary<string, string> metadata) => metadata.InjectContext(WorkContext.Current);

    /// <summary>Writes a context, in place of one that is there already.</summary>
    public static void InjectContext(this IDictionary<string, string> metadata, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        foreach (string name in metadata.Keys.Where(IsContext).ToArray())
        {
            metadata.Remove(name);
        }

        TracePropagators.Messages.Inject(context, metadata, static (to, name, value) => to[name] = value);
    }

    /// <summary>Reads the writer's context from <c>BlobProperties.Metadata</c>, in whatever case the service gives the names.</summary>
    public static PropagationContext ExtractContext(this IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return TracePropagators.Messages.Extract(default, metadata, static (from, name) =>
            from.Where(entry => string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value));
    }

    private static bool IsContext(string name) =>
        TracePropagators.Messages.Fields?.Any(field => string.Equals(field, name, StringComparison.OrdinalIgnoreCase)) ?? false;
}
