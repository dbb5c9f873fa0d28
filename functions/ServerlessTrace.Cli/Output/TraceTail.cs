using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Cli.Output;

/// <summary>Turns pages of traces, newest first and overlapping, into lines, oldest first and each once a revision.</summary>
internal sealed class TraceTail
{
    /// <summary>Far more than pages hold: what is older has left them.</summary>
    private const int Remembered = 20_000;

    private readonly HashSet<(string Id, int Revision)> _seen = [];
    private readonly Queue<(string Id, int Revision)> _order = new();

    /// <summary>The lines of traces that were not seen before.</summary>
    public IEnumerable<string> NewLines(JsonElement page)
    {
        JsonElement[] traces = [.. page.GetProperty("traces").EnumerateArray()];
        for (int i = traces.Length - 1; i >= 0; i--)
        {
            JsonElement trace = traces[i];
            (string, int) key = (trace.GetProperty("traceId").GetString()!, trace.GetProperty("revision").GetInt32());
            if (_seen.Add(key))
            {
                _order.Enqueue(key);
                if (_order.Count > Remembered)
                {
                    _seen.Remove(_order.Dequeue());
                }

                yield return Line(trace);
            }
        }
    }

    private static string Line(JsonElement trace)
    {
        JsonElement root = trace.GetProperty("root");
        int errors = trace.GetProperty("errorCount").GetInt32();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{trace.GetProperty("startTime").GetString()}  {trace.GetProperty("status").GetString(),-10}  {trace.GetProperty("durationMs").GetDouble(),10:0.0} ms  {trace.GetProperty("traceId").GetString()}  {PlainText.Line($"{root.GetProperty("service").GetString()}: {root.GetProperty("operation").GetString()}", 100)}  {trace.GetProperty("spanCount").GetInt32()} span(s){(errors > 0 ? $", {errors} failed" : string.Empty)}");
    }
}
