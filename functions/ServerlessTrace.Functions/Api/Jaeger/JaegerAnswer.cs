namespace ServerlessTrace.Functions.Api.Jaeger;

/// <summary>How Jaeger's query API answers: a list in an envelope.</summary>
/// <param name="Data">The list.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Limit">Always 0, as Jaeger's is.</param>
/// <param name="Offset">Always 0, as Jaeger's is.</param>
/// <param name="Errors">Always null: errors are problem details.</param>
internal sealed record JaegerAnswer<T>(IReadOnlyList<T> Data, int Total, int Limit, int Offset, IReadOnlyList<string>? Errors);

/// <summary>Makes answers.</summary>
internal static class JaegerAnswer
{
    public static JaegerAnswer<T> Of<T>(IReadOnlyList<T> data) => new(data, data.Count, 0, 0, null);
}
