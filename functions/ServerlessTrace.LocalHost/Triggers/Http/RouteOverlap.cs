using Microsoft.AspNetCore.Routing.Patterns;

namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>
/// Finds functions that one request could reach both. The platform and ASP.NET Core may choose differently between them, so no
/// URL may match two templates.
/// </summary>
internal sealed class RouteOverlap(ParameterPolicyFactory policies)
{
    // Shapes of values that segments have in practice; a constraint that refuses one of them is no reason to call a pair disjoint.
    private static readonly string[] Samples =
        ["x", "1", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00000000-0000-0000-0000-000000000001", "a.b", "true", "2026-01-01"];

    public (FunctionEndpoint, FunctionEndpoint)? Find(IReadOnlyList<FunctionEndpoint> endpoints)
    {
        for (int i = 0; i < endpoints.Count; i++)
        {
            for (int j = i + 1; j < endpoints.Count; j++)
            {
                if (endpoints[i].Methods.Intersect(endpoints[j].Methods, StringComparer.Ordinal).Any()
                    && Overlap(endpoints[i].Pattern, 0, endpoints[j].Pattern, 0))
                {
                    return (endpoints[i], endpoints[j]);
                }
            }
        }

        return null;
    }

    private bool Overlap(RoutePattern a, int i, RoutePattern b, int j)
    {
        bool aEnds = i == a.PathSegments.Count;
        bool bEnds = j == b.PathSegments.Count;
        if (aEnds && bEnds)
        {
            return true;
        }

        RoutePatternPathSegment? left = aEnds ? null : a.PathSegments[i];
        RoutePatternPathSegment? right = bEnds ? null : b.PathSegments[j];

        // A segment that may be left out, or that swallows the rest, is tried as absent first.
        if ((left is not null && CanBeAbsent(left) && Overlap(a, a.PathSegments.Count, b, j))
            || (right is not null && CanBeAbsent(right) && Overlap(a, i, b, b.PathSegments.Count)))
        {
            return true;
        }

        if (left is null || right is null || !SegmentsOverlap(a, left, b, right))
        {
            return false;
        }

        return Overlap(a, i + 1, b, j + 1)
            || (IsCatchAll(left) && Overlap(a, i, b, j + 1))
            || (IsCatchAll(right) && Overlap(a, i + 1, b, j));
    }

    private static RoutePatternParameterPart? ParameterOf(RoutePatternPathSegment segment) =>
        segment.IsSimple ? segment.Parts[0] as RoutePatternParameterPart : null;

    private static bool IsCatchAll(RoutePatternPathSegment segment) => ParameterOf(segment)?.IsCatchAll == true;

    private static bool CanBeAbsent(RoutePatternPathSegment segment) =>
        ParameterOf(segment) is { } parameter && (parameter.IsOptional || parameter.IsCatchAll || parameter.Default is not null);

    private bool SegmentsOverlap(RoutePattern a, RoutePatternPathSegment left, RoutePattern b, RoutePatternPathSegment right)
    {
        string[] candidates = [.. Samples, .. LiteralOf(left), .. LiteralOf(right)];
        return candidates.Any(candidate => Accepts(a, left, candidate) && Accepts(b, right, candidate));
    }

    private static string[] LiteralOf(RoutePatternPathSegment segment) =>
        segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal ? [literal.Content] : [];

    private bool Accepts(RoutePattern pattern, RoutePatternPathSegment segment, string value)
    {
        if (!segment.IsSimple)
        {
            // Mixed segments such as {name}.json: assumed to accept everything that is not excluded elsewhere.
            return true;
        }

        if (segment.Parts[0] is not RoutePatternParameterPart parameter)
        {
            return segment.Parts[0] is RoutePatternLiteralPart literal && literal.Content.Equals(value, StringComparison.OrdinalIgnoreCase);
        }

        return !pattern.ParameterPolicies.TryGetValue(parameter.Name, out IReadOnlyList<RoutePatternParameterPolicyReference>? references)
            || references.All(reference => policies.Create(parameter, reference) is not IRouteConstraint constraint
                || constraint.Match(null, null, parameter.Name, new RouteValueDictionary { [parameter.Name] = value }, RouteDirection.IncomingRequest));
    }
}
