using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Reports.Comparison;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>What is different between two traces.</summary>
public sealed class ComparisonFunction(TraceView traces)
{
    /// <summary>The comparison as text, Markdown or JSON: by <c>format</c>, else by the Accept header, else text.</summary>
    [Function("CompareTraces")]
    public async Task<IResult> CompareAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/traces/{traceId}/comparison/{otherId}")] HttpRequest request,
        string traceId,
        string otherId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (ReportFormat? format, IResult? refusal) = ReportFormats.Of(request, ReportFormat.Text, ReportFormat.Markdown, ReportFormat.Json);
        if (format is null)
        {
            return refusal!;
        }

        (AnalysedTrace? first, IResult? problem) = await traces.FindAsync(request, traceId, cancellationToken).ConfigureAwait(false);
        if (first is null)
        {
            return problem!;
        }

        return await traces.AnswerAsync(request, otherId, second => Answer(new TraceComparison(first.Analysis, second.Analysis), format.Value), cancellationToken).ConfigureAwait(false);
    }

    private static IResult Answer(TraceComparison comparison, ReportFormat format)
    {
        if (format == ReportFormat.Json)
        {
            using var json = new MemoryStream();
            ComparisonJson.Write(json, comparison);
            return Results.Bytes(json.ToArray(), ReportFormats.MediaType(format));
        }

        using var text = new StringWriter(CultureInfo.InvariantCulture);
        if (format == ReportFormat.Markdown)
        {
            ComparisonMarkdown.Write(text, comparison);
        }
        else
        {
            ComparisonText.Write(text, comparison);
        }

        return Results.Text(text.ToString(), ReportFormats.MediaType(format));
    }
}
