using System.Diagnostics;

namespace ServerlessTrace.Instrumentation;

/// <summary>The source of the spans that this library starts: <c>AddSource(WorkSource.Name)</c>.</summary>
public static class WorkSource
{
    /// <summary>Its name.</summary>
    public const string Name = "ServerlessTrace.Instrumentation";

    internal static ActivitySource Spans { get; } = new(Name);
}
