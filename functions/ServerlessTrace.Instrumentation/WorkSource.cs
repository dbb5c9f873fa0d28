using System.Diagnostics;

namespace ServerlessTrace.Instrumentation;

/// <summary>The source of the spans that this library starts: <c>AddSource(WorkSource.Name)</c>.</summary>
public static class WorkSource
{
    /// <summary>Its name.</summary>
    public const string Name = "ServerlessTrace.Instrumentation";

    /// <summary>The flag that says that a trace id is random (W3C Trace Context Level 2, 3.2.3.3), which .NET has no name for.</summary>
    private const ActivityTraceFlags Random = (ActivityTraceFlags)2;

    private static readonly ActivitySource Spans = new(Name);

    /// <summary>Starts a span; null where nobody listens.</summary>
    /// <remarks>
    /// .NET makes random trace ids, and forgets the random flag of a sampled parent: a new trace gets it, and a parent's goes on.
    /// </remarks>
    internal static Activity? Start(
        string name, ActivityKind kind, ActivityContext parent = default, IEnumerable<KeyValuePair<string, object?>>? tags = null, IEnumerable<ActivityLink>? links = null)
    {
        ActivityContext above = parent != default ? parent : Activity.Current?.Context ?? default;
        Activity? span = Spans.StartActivity(kind, parent, tags, links, name: name);
        if (span is not null && (above == default || (above.TraceFlags & Random) != 0))
        {
            span.ActivityTraceFlags |= Random;
        }

        return span;
    }
}
