using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>Search, and traces by their id.</summary>
public sealed class TracesFunctions(TraceView traces, TraceSearch search)
{
    private const string Protobuf = "application/x-protobuf";

    /// <summary>
    /// Sealed traces, newest first: <c>service, operation, status, environment, minDuration, maxDuration, minSpanDuration, attr=key:value…, from, to, limit, cursor</c>.
    /// </summary>
    [Function("SearchTraces")]
    public async Task<IResult> SearchAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (TraceQuery? query, string? error) = TraceQueryText.Read(name => request.Query[name]);
        if (query is null)
        {
            return Problem.BadRequest(error!);
        }

        TracePage page = await search.FindAsync(query, cancellationToken).ConfigureAwait(false);
        return Results.Json(TraceListResponse.Of(page), HttpJson.Default.TraceListResponse);
    }

    /// <summary>
    /// A trace with its spans, critical path, errors, insights and business context, as JSON; or with <c>format</c> for another tool:
    /// <c>otlp</c> (as protobuf, if the Accept header names that), <c>jaeger</c>, <c>zipkin</c> or <c>chrome</c> (Perfetto, speedscope).
    /// </summary>
    [Function("GetTrace")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Func<AnalysedTrace, IResult>? answer = request.Query["format"].ToString() switch
        {
            "" or "json" => Json,
            "otlp" => AcceptsProtobuf(request) ? OtlpProtobuf : static trace => Export(trace, ExportFormat.Otlp),
            "jaeger" => static trace => Export(trace, ExportFormat.Jaeger),
            "zipkin" => static trace => Export(trace, ExportFormat.Zipkin),
            "chrome" => static trace => Export(trace, ExportFormat.Chrome),
            _ => null,
        };
        return answer is null
            ? Problem.BadRequest("'format' must be 'json', 'otlp', 'jaeger', 'zipkin' or 'chrome'.")
            : await traces.AnswerAsync(request, traceId, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The Trace Analysis Report, as text, Markdown, HTML or JSON: by <c>format</c>, else by the Accept header, else text.</summary>
    [Function("GetTraceReport")]
    public async Task<IResult> ReportAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}/report")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (ReportFormat? format, IResult? refusal) = ReportFormats.Of(request, ReportFormat.Text, ReportFormat.Markdown, ReportFormat.Html, ReportFormat.Json);
        Func<AnalysedTrace, IResult> answer = format switch
        {
            ReportFormat.Json => Json,
            ReportFormat.Markdown => Markdown,
            ReportFormat.Html => Html,
            _ => Text,
        };
        return refusal ?? await traces.AnswerAsync(request, traceId, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The trace as a page for the browser: waterfall, flame graph, service map and report in one file that loads nothing.</summary>
    [Function("GetTraceTimeline")]
    public async Task<IResult> TimelineAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}/timeline")] HttpRequest request,
        string traceId,
        CancellationToken cancellationToken)
    {
        return await traces.AnswerAsync(request, traceId, Html, cancellationToken).ConfigureAwait(false);
    }

    private static IResult Json(AnalysedTrace trace)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceReportJson.Write(json, trace.Analysis, trace.Loaded.IsSealed, trace.Loaded.Revision, detailed: true);
        return Results.Bytes(json.WrittenMemory, ReportFormats.MediaType(ReportFormat.Json));
    }

    private static IResult Export(AnalysedTrace trace, ExportFormat format)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.Write(json, format, trace.Loaded.Trace);
        return Results.Bytes(json.WrittenMemory, "application/json");
    }

    private static IResult OtlpProtobuf(AnalysedTrace trace)
    {
        var message = new ArrayBufferWriter<byte>();
        TraceExport.WriteOtlpProtobuf(message, [trace.Loaded.Trace]);
        return Results.Bytes(message.WrittenMemory, Protobuf);
    }

    private static bool AcceptsProtobuf(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(static range => range.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase));

    private static IResult Html(AnalysedTrace trace) => new ReportPage(trace);

    private static IResult Text(AnalysedTrace trace) => Results.Text(TextReport.Of(trace.Analysis, Options(trace.Loaded)), ReportFormats.MediaType(ReportFormat.Text));

    private static IResult Markdown(AnalysedTrace trace) =>
        Results.Text(MarkdownReport.Of(trace.Analysis, Options(trace.Loaded)), ReportFormats.MediaType(ReportFormat.Markdown));

    private static ReportOptions Options(LoadedTrace trace) => new() { IsSealed = trace.IsSealed, Revision = trace.Revision };
}
