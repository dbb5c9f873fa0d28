using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Output;

/// <summary>
/// A line a trace. The root, the only column without bounds, comes last; where the terminal is too narrow for it,
/// on a line of its own.
/// </summary>
internal sealed class TraceTable
{
    private const int LongestRoot = 100;
    private const long NanosPerMilli = 1_000_000;
    private const long NanosPerSecond = 1_000_000_000;

    private static readonly string[] Head = ["TRACE ID", "START (UTC)", "DURATION", "STATUS", "SPANS", "SERVICES", "ERRORS", "ROOT"];
    private static readonly bool[] AlignRight = [false, false, true, false, true, true, true, false];

    // The texts of all cells behind each other and where each ends: a summary may have a hundred thousand lines.
    private readonly ArrayBufferWriter<char> _text = new();
    private readonly List<int> _ends = [];
    private readonly int[] _widths = new int[Head.Length];
    private readonly Dictionary<(string Service, string Name), string> _roots = [];
    private int _traces;
    private long _spans;
    private int _failed;

    /// <summary>A table without traces.</summary>
    public TraceTable()
    {
        foreach (string title in Head)
        {
            Add(title);
        }
    }

    /// <summary>Adds a trace as a service's search answers it.</summary>
    public void Add(JsonElement trace)
    {
        JsonElement root = trace.GetProperty("root");
        Add(new TraceOutline(
            TraceId.TryParse(trace.GetProperty("traceId").GetString(), out TraceId id) ? id : default,
            (trace.GetProperty("startTime").GetDateTimeOffset().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick,
            (long)(trace.GetProperty("durationMs").GetDouble() * 1e6),
            trace.GetProperty("status").GetString() switch { "ERROR" => TraceStatus.Error, "OK" => TraceStatus.Ok, _ => TraceStatus.Incomplete },
            trace.GetProperty("spanCount").GetInt32(),
            trace.GetProperty("errorCount").GetInt32(),
            trace.GetProperty("services").GetArrayLength(),
            root.GetProperty("service").GetString() ?? string.Empty,
            root.GetProperty("operation").GetString() ?? string.Empty));
    }

    /// <summary>Adds a trace.</summary>
    public void Add(in TraceOutline trace)
    {
        _traces++;
        _spans += trace.SpanCount;
        _failed += trace.Status == TraceStatus.Error ? 1 : 0;
        Add(trace.Id);
        Add(DateTime.UnixEpoch.AddTicks(trace.Start / TimeSpan.NanosecondsPerTick), "yyyy-MM-dd HH:mm:ss.fff");
        AddDuration(trace.Duration);
        Add(SpanNames.Of(trace.Status));
        Add(trace.SpanCount, default);
        Add(trace.ServiceCount, default);
        Add(trace.ErrorCount, default);
        Add(trace.SpanCount == 0 ? "-" : Root(in trace));
    }

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="columns">How wide the terminal is; null if it is none.</param>
    public void Write(TextWriter output, int? columns)
    {
        int last = Head.Length - 1;
        bool rootBelow = columns < _widths.Sum() + (2 * last);
        var line = new StringBuilder();
        for (int cell = 0, from = 0; cell < _ends.Count; from = _ends[cell++])
        {
            int column = cell % Head.Length;
            ReadOnlySpan<char> text = _text.WrittenSpan[from.._ends[cell]];
            if (column == last)
            {
                line.Append(rootBelow ? "\n    " : string.Empty).Append(text).Append('\n');
                output.Write(line);
                line.Clear();
            }
            else
            {
                int blanks = _widths[column] - text.Length;
                line.Append(' ', AlignRight[column] ? blanks : 0).Append(text).Append(' ', (AlignRight[column] ? 0 : blanks) + 2);
            }
        }

        output.Write(string.Create(CultureInfo.InvariantCulture, $"{_traces} trace(s), {_failed} failed; {_spans} span(s).\n"));
    }

    private void Add(ReadOnlySpan<char> text)
    {
        _text.Write(text);
        EndCell(text.Length);
    }

    private void Add<T>(T value, ReadOnlySpan<char> format)
        where T : ISpanFormattable
    {
        value.TryFormat(_text.GetSpan(32), out int length, format, CultureInfo.InvariantCulture);
        _text.Advance(length);
        EndCell(length);
    }

    private void Add(TraceId id)
    {
        Span<char> digits = _text.GetSpan(TraceId.HexLength);
        id.High.TryFormat(digits, out int high, "x16", CultureInfo.InvariantCulture);
        id.Low.TryFormat(digits[high..], out int low, "x16", CultureInfo.InvariantCulture);
        _text.Advance(high + low);
        EndCell(high + low);
    }

    private void AddDuration(long nano)
    {
        long unit = nano >= NanosPerSecond ? NanosPerSecond : NanosPerMilli;
        long thousandths = (nano + (unit / 2_000)) / (unit / 1_000);
        _text.GetSpan(32).TryWrite(CultureInfo.InvariantCulture, $"{thousandths / 1_000}.{thousandths % 1_000:000} {(unit == NanosPerSecond ? "s" : "ms")}", out int length);
        _text.Advance(length);
        EndCell(length);
    }

    private void EndCell(int length)
    {
        int column = _ends.Count % Head.Length;
        _widths[column] = Math.Max(_widths[column], length);
        _ends.Add(_text.WrittenCount);
    }

    /// <summary>What the root is called, made fit for a line once: few names begin many traces.</summary>
    private string Root(in TraceOutline trace)
    {
        if (!_roots.TryGetValue((trace.RootService, trace.RootName), out string? root))
        {
            root = PlainText.Line($"{trace.RootService}: {trace.RootName}", LongestRoot);
            _roots.Add((trace.RootService, trace.RootName), root);
        }

        return root;
    }
}
