using System.Globalization;
using System.Text;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>Span logs as a service writes them.</summary>
internal static class SpanLogs
{
    private static int _lastTrace;

    /// <summary>A trace id that no other test uses.</summary>
    public static string NewTraceId() => string.Create(CultureInfo.InvariantCulture, $"e2e{Interlocked.Increment(ref _lastTrace):x5}{Guid.NewGuid():n}")[..32];

    /// <summary>A span's start and end records.</summary>
    public static string Span(
        string trace, string span, string service, string name, int startMs, int durationMs,
        string? parent = null, string kind = "SERVER", string status = "OK", string attributes = "") =>
        Start(trace, span, service, name, startMs, parent, kind, attributes) + End(trace, span, service, name, startMs + durationMs, durationMs, parent, kind, status, attributes);

    public static string Start(
        string trace, string span, string service, string name, int startMs, string? parent = null, string kind = "SERVER", string attributes = "") =>
        Record(trace, span, service, name, startMs, parent, kind, "span_start", string.Empty, attributes);

    public static string End(
        string trace, string span, string service, string name, int endMs, int durationMs,
        string? parent = null, string kind = "SERVER", string status = "OK", string attributes = "") =>
        Record(trace, span, service, name, endMs, parent, kind, "span_end", $",\"duration_ms\":{durationMs},\"status\":\"{status}\"", attributes);

    private static string Record(
        string trace, string span, string service, string name, int atMs, string? parent, string kind, string @event, string more, string attributes)
    {
        var line = new StringBuilder();
        string time = new DateTime(2026, 2, 26, 18, 0, 0, DateTimeKind.Utc).AddMilliseconds(atMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        line.Append(CultureInfo.InvariantCulture, $"{{\"timestamp\":\"{time}\",\"level\":\"INFO\",\"service\":\"{service}\",\"trace_id\":\"{trace}\",\"span_id\":\"{span}\"");
        if (parent is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $",\"parent_span_id\":\"{parent}\"");
        }

        line.Append(CultureInfo.InvariantCulture, $",\"span_name\":\"{name}\",\"span_kind\":\"{kind}\",\"event\":\"{@event}\"{more},\"attributes\":{{{attributes}}}}}\n");
        return line.ToString();
    }
}
