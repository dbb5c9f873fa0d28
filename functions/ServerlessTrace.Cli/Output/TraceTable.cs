using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Cli.Output;

/// <summary>
/// A line a trace. The root, the only column without bounds, comes last; where the terminal is too narrow for it,
/// on a line of its own.
/// </summary>
internal sealed class TraceTable
{
    private static readonly string[] Head = ["TRACE ID", "START (UTC)", "DURATION", "STATUS", "SPANS", "SERVICES", "ERRORS", "ROOT"];
    private static readonly bool[] AlignRight = [false, false, true, false, true, true, true, false];

    private readonly List<string[]> _rows = [Head];
    private int _spans;
    private int _failed;

    /// <summary>Adds a trace as a service's search answers it.</summary>
    public void Add(JsonElement trace)
    {
        int spans = trace.GetProperty("spanCount").GetInt32();
        string status = trace.GetProperty("status").GetString()!;
        JsonElement root = trace.GetProperty("root");
        Add(
            spans, status == "ERROR",
            trace.GetProperty("traceId").GetString()!,
            trace.GetProperty("startTime").GetDateTimeOffset().UtcDateTime,
            (long)(trace.GetProperty("durationMs").GetDouble() * 1e6),
            status,
            trace.GetProperty("services").GetArrayLength(),
            trace.GetProperty("errorCount").GetInt32(),
            $"{root.GetProperty("service").GetString()}: {root.GetProperty("operation").GetString()}");
    }

    /// <summary>Adds a trace.</summary>
    public void Add(in TraceOutline trace)
    {
        Add(
            trace.SpanCount, trace.Status == TraceStatus.Error, trace.Id.ToString(), DateTime.UnixEpoch.AddTicks(trace.Start / 100), trace.Duration,
            SpanNames.Of(trace.Status), trace.ServiceCount, trace.ErrorCount, trace.SpanCount == 0 ? "-" : $"{trace.RootService}: {trace.RootName}");
    }

    private void Add(int spans, bool failed, string id, DateTime start, long duration, string status, int services, int errors, string root)
    {
        _spans += spans;
        _failed += failed ? 1 : 0;
        _rows.Add(
        [
            PlainText.Line(id, 40), start.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture), Duration(duration), PlainText.Line(status, 20),
            Count(spans), Count(services), Count(errors), PlainText.Line(root, 100),
        ]);
    }

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="columns">How wide the terminal is; null if it is none.</param>
    public void Write(TextWriter output, int? columns)
    {
        int last = Head.Length - 1;
        int[] widths = [.. Enumerable.Range(0, Head.Length).Select(column => _rows.Max(row => row[column].Length))];
        bool rootBelow = columns < widths.Sum() + (2 * last);
        var line = new StringBuilder();
        foreach (string[] row in _rows)
        {
            line.Clear();
            for (int column = 0; column < last; column++)
            {
                int blanks = widths[column] - row[column].Length;
                line.Append(' ', AlignRight[column] ? blanks : 0).Append(row[column]).Append(' ', (AlignRight[column] ? 0 : blanks) + 2);
            }

            line.Append(rootBelow ? $"\n    {row[last]}" : row[last]);
            output.Write(line.Append('\n'));
        }

        output.Write(string.Create(CultureInfo.InvariantCulture, $"{_rows.Count - 1} trace(s), {_failed} failed; {_spans} span(s).\n"));
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Duration(long nano) =>
        nano >= 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{nano / 1e9:0.000} s")
            : string.Create(CultureInfo.InvariantCulture, $"{nano / 1e6:0.000} ms");
}
