using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Functions.Http;

/// <summary>Search, and traces by their id.</summary>
public sealed class TracesFunctions(TraceLoader traces, TraceSearch search)
{
    private const int MaxLimit = 500;

    /// <summary>
    /// Sealed traces, newest first: <c>service, operation, status, environment, minDuration, maxDuration, from, to, limit, cursor</c>.
    /// </summary>
    [Function("SearchTraces")]
    public async Task<IResult> SearchAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (TraceQuery? query, string? error) = ReadQuery(request.Query);
        if (query is null)
        {
            return Problem.BadRequest(error!);
        }

        TracePage page = await search.FindAsync(query, cancellationToken).ConfigureAwait(false);
        return Results.Json(TraceListResponse.Of(page), HttpJson.Default.TraceListResponse);
    }

    /// <summary>
    /// A trace with its spans, critical path, errors, insights and business context, as JSON; or with <c>format</c> for another tool:
    /// <c>otlp</c>, <c>jaeger</c>, <c>zipkin</c> or <c>chrome</c> (Perfetto, speedscope).
    /// </summary>
    [Function("GetTrace")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Func<LoadedTrace, IResult>? answer = request.Query["format"].ToString() switch
        {
            "" or "json" => Json,
            "otlp" => static trace => Export(trace, ExportFormat.Otlp),
            "jaeger" => static trace => Export(trace, ExportFormat.Jaeger),
            "zipkin" => static trace => Export(trace, ExportFormat.Zipkin),
            "chrome" => static trace => Export(trace, ExportFormat.Chrome),
            _ => null,
        };
        return answer is null
            ? Problem.BadRequest("'format' must be 'json', 'otlp', 'jaeger', 'zipkin' or 'chrome'.")
            : await WithTraceAsync(traceId, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The Trace Analysis Report, as text, Markdown, HTML or JSON: by <c>format</c>, else by the Accept header, else text.</summary>
    [Function("GetTraceReport")]
    public async Task<IResult> ReportAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}/report")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string asked = request.Query["format"].ToString();
        ReportFormat? format = asked.Length > 0 ? ReportFormats.OfName(asked) : ReportFormats.OfAccept(request.Headers.Accept.ToString());
        if (format is null)
        {
            return asked.Length > 0
                ? Problem.BadRequest("'format' must be 'text', 'markdown', 'html' or 'json'.")
                : Problem.NotAcceptable("Reports are offered as text/plain, text/markdown, text/html and application/json.");
        }

        Func<LoadedTrace, IResult> answer = format switch
        {
            ReportFormat.Json => Json,
            ReportFormat.Markdown => Markdown,
            ReportFormat.Html => Html,
            _ => Text,
        };
        return await WithTraceAsync(traceId, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The trace as a page for the browser: waterfall, flame graph, service map and report in one file that loads nothing.</summary>
    [Function("GetTraceTimeline")]
    public async Task<IResult> TimelineAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}/timeline")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await WithTraceAsync(traceId, Html, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IResult> WithTraceAsync(string traceId, Func<LoadedTrace, IResult> answer, CancellationToken cancellationToken)
    {
        if (!TraceId.TryParse(traceId, out TraceId id))
        {
            return Problem.BadRequest("A trace id has 32 hexadecimal digits (shorter ones are padded with zeros on the left) and is not all zeros.");
        }

        LoadedTrace? trace = await traces.FindAsync(id, cancellationToken).ConfigureAwait(false);
        return trace is null
            ? Problem.NotFound($"No span of trace {id} has been received. See /api/receipts for what came in.")
            : answer(trace);
    }

    private static IResult Json(LoadedTrace trace)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceReportJson.Write(json, new TraceAnalysis(trace.Trace), trace.IsSealed, trace.Revision);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }

    private static IResult Export(LoadedTrace trace, ExportFormat format)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.Write(json, format, trace.Trace);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }

    private static IResult Html(LoadedTrace trace) => new ReportPage(trace);

    private static IResult Text(LoadedTrace trace) =>
        Results.Text(TextReport.Of(new TraceAnalysis(trace.Trace), Options(trace)), "text/plain; charset=utf-8");

    /// <summary>With its media type (RFC 7763).</summary>
    private static IResult Markdown(LoadedTrace trace) =>
        Results.Text(MarkdownReport.Of(new TraceAnalysis(trace.Trace), Options(trace)), "text/markdown; charset=utf-8; variant=GFM");

    private static ReportOptions Options(LoadedTrace trace) => new() { IsSealed = trace.IsSealed, Revision = trace.Revision };

    private static (TraceQuery? Query, string? Error) ReadQuery(IQueryCollection values)
    {
        var query = new TraceQuery
        {
            Service = NullIfEmpty(values["service"]),
            Operation = NullIfEmpty(values["operation"]),
            Environment = NullIfEmpty(values["environment"]),
        };
        if (NullIfEmpty(values["status"]) is { } status)
        {
            if (!Enum.TryParse(status, ignoreCase: true, out TraceStatus parsed) || !Enum.IsDefined(parsed) || char.IsAsciiDigit(status[0]))
            {
                return (null, "'status' must be OK, ERROR or INCOMPLETE.");
            }

            query = query with { Status = parsed };
        }

        foreach ((string name, bool isMinimum) in new[] { ("minDuration", true), ("maxDuration", false) })
        {
            if (NullIfEmpty(values[name]) is { } text)
            {
                if (!QueryText.TryDuration(text, out long nanos))
                {
                    return (null, $"'{name}' must be a duration such as 250ms, 1.5s or 2m.");
                }

                query = isMinimum ? query with { MinDurationNano = nanos } : query with { MaxDurationNano = nanos };
            }
        }

        foreach ((string name, bool isFrom) in new[] { ("from", true), ("to", false) })
        {
            if (NullIfEmpty(values[name]) is { } text)
            {
                if (!QueryText.TryTime(text, out long time))
                {
                    return (null, $"'{name}' must be a time such as 2026-02-26T18:00:00Z, or seconds or milliseconds since 1970.");
                }

                query = isFrom ? query with { FromUnixNano = time } : query with { ToUnixNano = time };
            }
        }

        return ReadPage(values, query);
    }

    private static (TraceQuery? Query, string? Error) ReadPage(IQueryCollection values, TraceQuery query)
    {
        if (NullIfEmpty(values["limit"]) is { } limitText)
        {
            if (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit is < 1 or > MaxLimit)
            {
                return (null, $"'limit' must be a number from 1 to {MaxLimit}.");
            }

            query = query with { Limit = limit };
        }

        if (NullIfEmpty(values["cursor"]) is { } cursorText)
        {
            if (TraceCursor.TryParse(cursorText) is not { } cursor)
            {
                return (null, "'cursor' must be the 'nextCursor' of an earlier answer.");
            }

            query = query with { Cursor = cursor };
        }

        return (query, null);
    }

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
