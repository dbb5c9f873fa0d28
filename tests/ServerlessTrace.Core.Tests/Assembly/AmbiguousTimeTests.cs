using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Core.Tests.Formats;

namespace ServerlessTrace.Core.Tests.Assembly;

/// <summary>Records with a duration and one time, of which nothing says whether it is the start or the end.</summary>
public class AmbiguousTimeTests
{
    private const long SixPm = 1_772_128_800_000;

    /// <summary>A record of a span by its time and duration in ms.</summary>
    private static string Span(int id, int parent, int time, int duration, string service = "shop", string more = "") => string.Create(CultureInfo.InvariantCulture,
        $$"""{"timestamp":{{SixPm + time}},"service":"{{service}}","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"{{id}}","parent_span_id":"{{(parent == 0 ? "" : parent)}}","span_name":"op{{id}}","duration_ms":{{duration}}{{more}}}""");

    private static string Line(int span, int time) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"timestamp":{{SixPm + time}},"service":"shop","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"{{span}}","message":"m"}""");

    private static Trace Read(params string[] lines) => ReadTrace.Only(Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    /// <summary>When each span starts and ends, in ms.</summary>
    private static (long Start, long End)[] Times(Trace trace) =>
        [.. Enumerable.Range(0, trace.SpanCount).OrderBy(i => trace[i].SpanId).Select(i => ((trace[i].Start / 1_000_000) - SixPm, (trace[i].End / 1_000_000) - SixPm))];

    private static bool Warns(Trace trace) => TraceWarnings.Of(trace).Any(warning => warning.Kind == "timestamp-is-start");

    [Fact]
    public void A_time_is_the_end_unless_the_trace_says_otherwise()
    {
        Trace trace = Read(Span(1, 0, 100, 100), Span(2, 1, 60, 50), Span(3, 2, 40, 10));

        Assert.Equal([(0, 100), (10, 60), (30, 40)], Times(trace));
        Assert.False(Warns(trace));
        Assert.Equal([(-100, 0)], Times(Read(Span(1, 0, 0, 100))));
    }

    [Fact]
    public void It_is_the_start_where_children_lie_inside_their_parents_only_then()
    {
        Trace trace = Read(Span(1, 0, 0, 1234), Span(2, 1, 100, 1000), Span(3, 2, 200, 500));

        Assert.Equal([(0, 1234), (100, 1100), (200, 700)], Times(trace));
        Assert.True(Warns(trace));
        Assert.Equal((SixPm * 1_000_000, 1_234_000_000), (trace.Start, trace.Duration));
    }

    [Fact]
    public void Log_lines_inside_a_span_are_evidence_too() =>
        Assert.Equal([(0, 100)], Times(Read(Span(1, 0, 0, 100), Line(1, 20), Line(1, 90))));

    [Fact]
    public void A_child_that_an_event_times_is_evidence_for_its_parent()
    {
        string child = Span(2, 1, 150, 50, more: ",\"event\":\"span_end\"");

        Assert.Equal([(0, 200), (100, 150)], Times(Read(Span(1, 0, 0, 200), child)));
        Assert.Equal([(0, 200), (100, 150)], Times(Read(Span(1, 0, 200, 200), child)));
    }

    [Fact]
    public void Services_may_log_differently()
    {
        Trace trace = Read(
            Span(1, 0, 0, 1000, "gateway"), Span(2, 1, 400, 300, "payment"), Span(3, 2, 350, 100, "payment"),
            Span(4, 1, 900, 300, "stock"), Span(5, 4, 880, 200, "stock"));

        Assert.Equal([(0, 1000), (100, 400), (250, 350), (600, 900), (680, 880)], Times(trace));
    }

    [Theory]
    [InlineData("\"kind\":\"CONSUMER\"")]
    public void Who_is_not_waited_for_is_no_evidence(string kind)
    {
        Trace trace = Read(Span(1, 0, 100, 100, more: ",\"kind\":\"PRODUCER\""), Span(2, 1, 300, 150, more: "," + kind));

        Assert.Equal([(0, 100), (150, 300)], Times(trace));
    }

    [Fact]
    public void The_setting_decides_without_looking()
    {
        string lines = $"{Span(1, 0, 0, 1000)}\n{Span(2, 1, 100, 500)}";
        ReadSpan start = ReadSource.Of(lines, limits: new ReadLimits { Timestamp = TimestampMeaning.Start }).Spans[0];
        ReadSpan end = ReadSource.Of(lines, limits: new ReadLimits { Timestamp = TimestampMeaning.End }).Spans[0];

        Assert.Equal((SixPm * 1_000_000, (SixPm + 1000) * 1_000_000, SpanFlags.Started | SpanFlags.Ended), (start.Start, start.End, start.Flags));
        Assert.Equal((0, SixPm * 1_000_000, SpanFlags.Ended), (end.Start, end.End, end.Flags));
    }

    [Theory]
    [InlineData(",\"start_time\":1772128800000", 0, 100)]
    [InlineData(",\"end_time\":1772128800200", 100, 200)]
    [InlineData(",\"event\":\"span_end\"", -50, 50)]
    public void A_field_that_says_it_counts(string more, long start, long end) =>
        Assert.Equal((start, end), Times(Read(Span(1, 0, 50, 100, more: more), Line(1, 150)))[0]);

    [Fact]
    public void A_start_from_another_record_tells_which_it_is()
    {
        string started = Span(1, 0, 0, 0, more: ",\"event\":\"span_start\"");

        Assert.Equal([(0, 100)], Times(Read(started, Span(1, 0, 100, 100))));
        Assert.Equal([(0, 100)], Times(Read(started, Span(1, 0, 1, 99))));
    }

    [Fact]
    public void What_comes_late_may_change_the_decision_and_nothing_depends_on_the_order()
    {
        SpanBatch batch = new();
        foreach (string line in new[] { Span(1, 0, 0, 1000), Span(2, 1, 100, 500) })
        {
            Append(batch, line);
        }

        SpanMerger merger = new();
        merger.Merge(batch);
        merger.Merge(batch);
        Assert.Equal([(0, 1000), (100, 600)], Times(new Trace(batch, merger.Merge(batch)[0])));
        foreach (string line in new[] { Span(3, 1, -500, 300), Span(4, 1, -100, 300), Span(5, 1, -50, 100), Span(1, 0, 0, 1000) })
        {
            Append(batch, line);
        }

        Trace late = new(batch, merger.Merge(batch)[0]);
        Assert.Equal((-1000, 0), Times(late)[0]);
        Assert.False(Warns(late));
    }

    private static void Append(SpanBatch batch, string line)
    {
        SpanSourceReader reader = new(new MemoryStream(Encoding.UTF8.GetBytes(line)), "a.log");
        while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
        {
        }
    }
}
