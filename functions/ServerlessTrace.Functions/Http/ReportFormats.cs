using Microsoft.Net.Http.Headers;

namespace ServerlessTrace.Functions.Http;

/// <summary>Chooses a report's representation.</summary>
internal static class ReportFormats
{
    /// <summary>By its name in a URL; null for an unknown one.</summary>
    public static ReportFormat? OfName(string name) => name switch
    {
        "text" => ReportFormat.Text,
        "markdown" => ReportFormat.Markdown,
        "json" => ReportFormat.Json,
        "html" => ReportFormat.Html,
        _ => null,
    };

    /// <summary>By an Accept header (RFC 9110, 12.5.1); text where anything is accepted, null where none of them is.</summary>
    public static ReportFormat? OfAccept(string accept)
    {
        if (string.IsNullOrWhiteSpace(accept) || !MediaTypeHeaderValue.TryParseList([accept], out IList<MediaTypeHeaderValue>? ranges))
        {
            return ReportFormat.Text;
        }

        foreach (MediaTypeHeaderValue range in ranges.Where(range => range.Quality != 0).OrderByDescending(range => range.Quality ?? 1))
        {
            if (range.MatchesMediaType("text/plain") || range.MatchesAllTypes)
            {
                return ReportFormat.Text;
            }

            if (range.MatchesMediaType("text/markdown"))
            {
                return ReportFormat.Markdown;
            }

            if (range.MatchesMediaType("text/html"))
            {
                return ReportFormat.Html;
            }

            if (range.MatchesMediaType("application/json"))
            {
                return ReportFormat.Json;
            }
        }

        return null;
    }
}
