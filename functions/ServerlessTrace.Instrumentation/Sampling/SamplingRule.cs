using System.Diagnostics;
using System.IO.Enumeration;
using OpenTelemetry.Trace;

namespace ServerlessTrace.Instrumentation.Sampling;

/// <summary>Which sampler decides on which new traces.</summary>
/// <param name="Sampler">The sampler.</param>
public sealed record SamplingRule(Sampler Sampler)
{
    /// <summary>The path or route: attributes <c>url.path</c>, <c>http.route</c>; <c>*</c> is any text. Null: any.</summary>
    public string? Route { get; init; }

    /// <summary>The span's name; <c>*</c> is any text. Null: any.</summary>
    public string? Name { get; init; }

    /// <summary>The kind. Null: any.</summary>
    public ActivityKind? Kind { get; init; }

    /// <summary>Whether the rule is about this span.</summary>
    public bool Matches(in SamplingParameters span) =>
        (Kind is null || Kind == span.Kind)
        && (Name is null || IsLike(Name, span.Name))
        && (Route is null || HasRoute(span.Tags));

    private bool HasRoute(IEnumerable<KeyValuePair<string, object?>>? tags)
    {
        foreach ((string name, object? value) in tags ?? [])
        {
            if (name is "url.path" or "http.route" or "http.target" && value is string text && IsLike(Route!, text))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLike(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true);
}
