using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Reports.Story;
using ServerlessTrace.Functions.Api.Statistics;
using ServerlessTrace.Functions.Api.Traces;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Api.Correlations;

/// <summary>All traces of a transaction as one story in time.</summary>
public sealed class CorrelationsFunction(CorrelatedTraces correlated, AnalysisOptions analysis, TimeProvider clock)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int LongestValue = 500;
    private static readonly TimeSpan UsualRange = TimeSpan.FromDays(30);

    /// <summary>
    /// The traces, sealed or open, that have a value for a business key, the earliest first: who called what, when, with which result; <c>from, to</c> (the last 30
    /// days), <c>limit</c> (traces), <c>cursor</c>, and <c>format</c> (<c>json</c>, <c>text</c> or <c>markdown</c>; else by the Accept header).
    /// </summary>
    [Function("GetCorrelation")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/correlations/{key}/{value}")] HttpRequest request,
        string key,
        string value,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(value);
        if (!BusinessStory.IsKey(key, analysis.BusinessKeys))
        {
            return Problem.BadRequest($"'{key}' is not one of the configured business keys: {string.Join(", ", analysis.BusinessKeys)}.");
        }

        if (TimeRange.TryRead(request.Query, "from", "to", clock.GetUtcNow(), UsualRange, out string error) is not { } range)
        {
            return Problem.BadRequest(error);
        }

        int limit = DefaultLimit;
        if (value.Length > LongestValue
            || (request.Query["limit"].ToString() is { Length: > 0 } text
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit)))
        {
            return Problem.BadRequest($"'limit' must be a number from 1 to {MaxLimit}, and a value has {LongestValue} characters at most.");
        }

        TraceCursor? cursor = request.Query["cursor"].ToString() is { Length: > 0 } at ? TraceCursor.TryParse(at) : null;
        if (cursor is null && request.Query["cursor"].ToString().Length > 0)
        {
            return Problem.BadRequest("'cursor' must be the 'nextCursor' of an earlier answer.");
        }

        (ReportFormat? format, IResult? refusal) = request.Query.ContainsKey("format") || request.Headers.Accept.Count > 0
            ? ReportFormats.Of(request, ReportFormat.Json, ReportFormat.Text, ReportFormat.Markdown)
            : (ReportFormat.Json, null);
        if (format is null)
        {
            return refusal!;
        }

        (BusinessStory story, TraceCursor? next) = await correlated.ReadAsync(key, value, range, cursor, limit, cancellationToken).ConfigureAwait(false);
        return story.Traces.Count == 0 && cursor is null && next is null
            ? Problem.NotFound("No trace of this time has this value.")
            : Answer(story, next, format.Value);
    }

    private static IResult Answer(BusinessStory story, TraceCursor? next, ReportFormat format)
    {
        if (format == ReportFormat.Text)
        {
            return Results.Text(StoryText.Of(story), ReportFormats.MediaType(format));
        }

        if (format == ReportFormat.Markdown)
        {
            return Results.Text(StoryMarkdown.Of(story), ReportFormats.MediaType(format));
        }

        var json = new ArrayBufferWriter<byte>();
        StoryJson.Write(json, story, next?.ToString());
        return Results.Bytes(json.WrittenMemory, ReportFormats.MediaType(format));
    }
}
