using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>Chooses a report's representation.</summary>
internal static class ReportFormats
{
    /// <summary>By the query's <c>format</c>, else by the Accept header; or why neither can be served.</summary>
    public static (ReportFormat? Format, IResult? Refusal) Of(HttpRequest request, params ReportFormat[] offered)
    {
        string asked = request.Query["format"].ToString();
        ReportFormat? format = asked.Length > 0 ? OfName(asked) : OfAccept(request.Headers.Accept.ToString(), offered);
        if (format is { } chosen && offered.Contains(chosen))
        {
            return (chosen, null);
        }

        string[] names = [.. offered.Select(static format => $"'{Name(format)}'")];
        string[] types = [.. offered.Select(static format => MediaType(format).Split(';')[0])];
        return (null, asked.Length > 0
            ? Problem.BadRequest($"'format' must be {string.Join(", ", names[..^1])} or {names[^1]}.")
            : Problem.NotAcceptable($"This is offered as {string.Join(", ", types[..^1])} and {types[^1]}."));
    }

    /// <summary>What a representation is served as; Markdown with its variant (RFC 7763).</summary>
    public static string MediaType(ReportFormat format) => format switch
    {
        ReportFormat.Json => "application/json",
        ReportFormat.Markdown => "text/markdown; charset=utf-8; variant=GFM",
        ReportFormat.Html => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };

    private static string Name(ReportFormat format) => format switch
    {
        ReportFormat.Json => "json",
        ReportFormat.Markdown => "markdown",
        ReportFormat.Html => "html",
        _ => "text",
    };

    /// <summary>By its name in a URL; null for an unknown one.</summary>
    private static ReportFormat? OfName(string name) => name switch
    {
        "text" => ReportFormat.Text,
        "markdown" => ReportFormat.Markdown,
        "json" => ReportFormat.Json,
        "html" => ReportFormat.Html,
        _ => null,
    };

    /// <summary>By an Accept header (RFC 9110, 12.5.1); text where anything is accepted, null where none of them is.</summary>
    private static ReportFormat? OfAccept(string accept, ReportFormat[] offered)
    {
        if (string.IsNullOrWhiteSpace(accept) || !MediaTypeHeaderValue.TryParseList([accept], out IList<MediaTypeHeaderValue>? ranges))
        {
            return ReportFormat.Text;
        }

        foreach (MediaTypeHeaderValue range in ranges.Where(range => range.Quality != 0).OrderByDescending(range => range.Quality ?? 1))
        {
            foreach (ReportFormat format in offered)
            {
                if (range.MatchesMediaType(MediaType(format).Split(';')[0]))
                {
                    return format;
                }
            }
        }

        return null;
    }
}
