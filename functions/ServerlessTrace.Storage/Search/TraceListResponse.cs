using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Storage.Search;

/// <summary>A page of traces.</summary>
/// <param name="Traces">The traces, newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
public sealed record TraceListResponse(IReadOnlyList<TraceListItem> Traces, string? NextCursor)
{
    /// <summary>A page of a search.</summary>
    public static TraceListResponse Of(TracePage page) =>
        new([.. page.Traces.Select(TraceListItem.Of)], page.Next?.ToString());
}

/// <summary>A trace in a list.</summary>
public sealed record TraceListItem(
    string TraceId,
    string StartTime,
    double DurationMs,
    string Status,
    TraceListRoot Root,
    int SpanCount,
    int ErrorCount,
    IReadOnlyList<string> Services,
    string? Environment,
    int Revision)
{
    /// <summary>A summary as a list shows it.</summary>
    public static TraceListItem Of(TraceSummary trace) => new(
        trace.TraceId.ToString(),
        UnixNano.ToTime(trace.StartUnixNano).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        trace.DurationNano / 1e6,
        trace.Status switch { TraceStatus.Error => "ERROR", TraceStatus.Incomplete => "INCOMPLETE", _ => "OK" },
        new TraceListRoot(trace.RootService, trace.RootOperation),
        trace.SpanCount,
        trace.ErrorCount,
        trace.Services,
        trace.Environment.Length == 0 ? null : trace.Environment,
        trace.Revision);
}

/// <summary>A trace's root in a list.</summary>
public sealed record TraceListRoot(string Service, string Operation);
