using Grpc.Core;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Rpc;

/// <summary>Context in gRPC metadata.</summary>
public static class GrpcContext
{
    /// <summary>Writes a context, in place of one that is there already. gRPC wants the names in lower case.</summary>
    public static void InjectContext(this Metadata metadata, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        for (int i = metadata.Count - 1; i >= 0; i--)
        {
            if (TracePropagators.Http.Fields?.Contains(metadata[i].Key, StringComparer.OrdinalIgnoreCase) ?? false)
            {
                metadata.RemoveAt(i);
            }
        }

        TracePropagators.Http.Inject(context, metadata, static (to, name, value) => to.Add(name, value));
    }

    /// <summary>Writes the current context.</summary>
    public static void InjectContext(this Metadata metadata) => metadata.InjectContext(WorkContext.Current);

    /// <summary>Reads the caller's context, from <c>ServerCallContext.RequestHeaders</c>.</summary>
    public static PropagationContext ExtractContext(this Metadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return TracePropagators.Http.Extract(default, metadata, static (from, name) =>
            from.Where(entry => !entry.IsBinary && string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value));
    }
}
