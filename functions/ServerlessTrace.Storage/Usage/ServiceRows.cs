using ServerlessTrace.Storage.Rows;

namespace ServerlessTrace.Storage.Usage;

/// <summary>
/// Lists of services as rows hold them: the first ones by name, and the rest together. Senders make up as many names as they like; a row that cannot be
/// written would hold up whatever comes after it for ever.
/// </summary>
internal static class ServiceRows
{
    /// <summary>As many of the first services as packed properties hold, less what a row says besides.</summary>
    public static byte[] Fit(IReadOnlyList<ServiceUsage> services, Func<IReadOnlyList<ServiceUsage>, byte[]> write) =>
        Fit(services, write, static json => json.Length < PackedProperties.MaxBytes, static (left, right) => left.Plus(right), new ServiceUsage(string.Empty, 0, 0, 0));

    /// <summary>As many of the first services as a text property of so many characters holds.</summary>
    public static string Fit(IReadOnlyList<ServiceSpans> services, int characters, Func<IReadOnlyList<ServiceSpans>, string> write) =>
        Fit(services, write, json => json.Length <= characters, static (left, right) => left with { Spans = left.Spans + right.Spans }, new ServiceSpans(string.Empty, 0));

    private static TContent Fit<T, TContent>(IReadOnlyList<T> services, Func<IReadOnlyList<T>, TContent> write, Func<TContent, bool> fits, Func<T, T, T> plus, T others)
    {
        TContent content = write(services);
        for (int kept = services.Count / 2; !fits(content); kept /= 2)
        {
            content = write([.. services.Take(kept), services.Skip(kept).Aggregate(others, plus)]);
        }

        return content;
    }
}
