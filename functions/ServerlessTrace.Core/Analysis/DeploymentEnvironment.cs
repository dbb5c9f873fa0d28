using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Where a trace ran: production, staging. OpenTelemetry's <c>deployment.environment.name</c>, formerly <c>deployment.environment</c>.</summary>
public static class DeploymentEnvironment
{
    /// <summary>The environment of the trace's root as a string number of its batch; 0 where it names none.</summary>
    public static int Of(Trace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return trace.Root < 0 ? 0 : Of(trace.Batch, in trace[trace.Root]);
    }

    /// <summary>The environment of a span as a string number of its batch; 0 where it names none.</summary>
    public static int Of(SpanBatch batch, in SpanRecord span)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int found = Find(batch, batch.SharedAttributes(in span));
        return found != 0 ? found : Find(batch, batch.Attributes(in span));
    }

    private static int Find(SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Kind == AttributeKind.String
                && batch.Strings[attribute.Key] is var key
                && (key.SequenceEqual("deployment.environment.name"u8) || key.SequenceEqual("deployment.environment"u8)))
            {
                return attribute.Text;
            }
        }

        return 0;
    }
}
