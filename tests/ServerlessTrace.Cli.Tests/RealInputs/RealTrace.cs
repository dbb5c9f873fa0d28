using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>One trace as <c>analyze --format json</c> prints it, and its events.</summary>
internal sealed class RealTrace
{
    private readonly Dictionary<string, int> _events = [];

    public RealTrace(Trace trace)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json, TraceReportJson.Options))
        {
            TraceReportJson.Write(writer, new TraceAnalysis(trace, new AnalysisOptions()), isSealed: true, revision: 1);
        }

        Json = JsonDocument.Parse(json.ToArray()).RootElement;
        Spans = Json.GetProperty("spans").EnumerateArray().ToDictionary(span => span.GetProperty("spanId").GetString()!);
        for (int i = 0; i < trace.RecordCount; i++)
        {
            Events += trace[i].EventCount;
            if (i >= trace.SpanCount)
            {
                _events[trace[i].SpanId.ToString()] = trace[i].EventCount;
            }
        }
    }

    public JsonElement Json { get; }

    public Dictionary<string, JsonElement> Spans { get; }

    /// <summary>All events: of spans, of spans that were not received, of the trace.</summary>
    public int Events { get; }

    /// <summary>Events of a span that was not received.</summary>
    public int EventsOf(string span) => _events.GetValueOrDefault(span);

    public static double? DurationMs(JsonElement span) =>
        span.GetProperty("startUnixNano").GetString() is { } start && span.GetProperty("endUnixNano").GetString() is { } end
            ? (long.Parse(end, CultureInfo.InvariantCulture) - long.Parse(start, CultureInfo.InvariantCulture)) / 1e6
            : null;
}
