using System.Diagnostics;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Cli.Context;

/// <summary>What was sent to a service, what it returned, and whether that fits.</summary>
internal static class ContextExchange
{
    /// <summary>The candidate header of W3C Trace Context for responses.</summary>
    private const string TraceResponse = "traceresponse";

    private static readonly string[] Context =
        [ContextHeaders.TraceParent, TraceResponse, ContextHeaders.TraceState, ContextHeaders.Baggage, ContextHeaders.CorrelationId, ContextHeaders.RequestId];

    /// <summary>Writes both sides and the checks; returns whether nothing contradicts.</summary>
    public static async Task<bool> ReportAsync(TextWriter output, NewContext sent, HttpRequestMessage request, HttpResponseMessage response)
    {
        await output.WriteLineAsync($"> {request.Method} {request.RequestUri}");
        foreach ((string name, string value) in sent.Headers)
        {
            await output.WriteLineAsync($"> {name}: {value}");
        }

        await output.WriteLineAsync($"\n< {(int)response.StatusCode} {PlainText.Line(response.ReasonPhrase ?? string.Empty, 100)}");
        foreach ((string name, IEnumerable<string> values) in response.Headers)
        {
            await output.WriteLineAsync($"< {PlainText.Line(name, 100)}: {PlainText.Line(string.Join(", ", values), 500)}");
        }

        await output.WriteLineAsync();
        bool fits = true;
        foreach ((string mark, string text) in Check(sent, response))
        {
            fits &= mark != "error";
            await output.WriteLineAsync($"{mark}: {text}");
        }

        return fits;
    }

    private static IEnumerable<(string Mark, string Text)> Check(NewContext sent, HttpResponseMessage response)
    {
        yield return ("ok", $"sent trace {sent.TraceId}, span {sent.SpanId}, sampled");
        if ((int)response.StatusCode is >= 300 and < 400)
        {
            yield return ("note", "the service redirects; the context goes no further by itself, call the other address");
        }

        foreach (string header in new[] { TraceResponse, ContextHeaders.TraceParent })
        {
            if (Value(response, header) is { } returned)
            {
                yield return !ActivityContext.TryParse(returned, null, out ActivityContext context) ? ("error", $"{header} is malformed")
                    : context.TraceId.ToHexString() != sent.TraceId ? ("error", $"{header} is of another trace: the service did not go on with the context")
                    : ("ok", $"{header} is of the same trace");
            }
        }

        string expected = sent.Headers[ContextHeaders.CorrelationId];
        yield return Value(response, ContextHeaders.CorrelationId) is not { } correlation
            ? ("note", "no X-Correlation-Id returned: whether the context was gone on with shows in the service's logs")
            : correlation == expected ? ("ok", "X-Correlation-Id is returned as sent")
            : ("error", "X-Correlation-Id is another: the service did not take it over");
        yield return ("note", $"see it in the trace: serverlesstrace report {sent.TraceId}");
    }

    private static string? Value(HttpResponseMessage response, string header) =>
        Context.Contains(header) && response.Headers.TryGetValues(header, out IEnumerable<string>? values) ? string.Join(',', values) : null;
}
