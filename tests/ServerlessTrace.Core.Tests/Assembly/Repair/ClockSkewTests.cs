using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Core.Tests.Formats;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Assembly.Repair;

public class ClockSkewTests
{
    [Fact]
    public void Zipkins_skewed_trace_has_its_server_half_within_the_clients_again()
    {
        Trace trace = ReadTrace.Only(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Formats", "Zipkin", "skew.json")));
        var times = new AdjustedTimes(trace);
        int server = Named(trace, "post", SpanKind.Server);
        int client = Named(trace, "post", SpanKind.Client);
        int below = Named(trace, "async", SpanKind.Internal);

        // (94,539 - 93,577) / 2 µs after the client, as Zipkin's own correction has it.
        Assert.Equal(481_000, times.StartOf(server) - times.StartOf(client));
        Assert.Equal(481_000, times.EndOf(client) - times.EndOf(server));
        Assert.Equal(trace[below].Start - trace[server].Start, times.StartOf(below) - times.StartOf(server));
        Assert.Equal(0, times.ShiftOf(client));
        Assert.Equal(times.StartOf(trace.Root), times.Start);
        Assert.Equal(["clock-skew"], TraceWarnings.Of(trace).Select(static warning => warning.Kind).Where(static kind => kind != "shared-span"));
    }

    [Theory]
    [InlineData(-500)]
    [InlineData(-30)]
    [InlineData(35)]
    [InlineData(7_200_000)]
    public void A_clock_that_is_early_or_late_is_set_right_for_all_its_spans(int skew)
    {
        Trace trace = new TraceBuilder()
            .Span(1, "shop", "order", 0, 200, kind: SpanKind.Server)
            .Call(2, ("shop", "pay", 10, 60), ("bank", "charge", skew + 20, skew + 50), parent: 1)
            .Span(4, "bank", "book", skew + 25, skew + 45, parent: 3)
            .Call(5, ("shop", "check", 70, 190), ("bank", "balance", skew + 80, skew + 90), parent: 1)
            .Build();
        var times = new AdjustedTimes(trace);

        Assert.Equal(
            (20, 25, 80),
            (Start(trace, times, "charge"), Start(trace, times, "book"), Start(trace, times, "balance")));
        SkewedClock clock = Assert.Single(times.Clocks);
        Assert.Equal(("bank", 3, true, -skew * 1_000_000L), (clock.Service, clock.SpanCount, clock.IsSteady, clock.ShiftNano));
        Assert.Equal(200_000_000, times.Duration);
    }

    [Fact]
    public void A_skew_is_seen_through_services_that_it_passes()
    {
        Trace trace = new TraceBuilder()
            .Call(1, ("a", "a", 0, 100), ("b", "b", 510, 590))
            .Call(3, ("b", "b to c", 520, 580), ("c", "c", 530, 570), parent: 2)
            .Build();
        var times = new AdjustedTimes(trace);

        Assert.Equal((10, 20, 30), (Start(trace, times, "b"), Start(trace, times, "b to c"), Start(trace, times, "c")));
    }

    [Fact]
    public void Calls_back_tell_the_callers_clock()
    {
        // The call allows b's clock -15 to 5 ms, the call back -30 to -10 ms.
        Trace trace = new TraceBuilder()
            .Call(1, ("a", "ask", 0, 100), ("b", "answer", 15, 95))
            .Call(3, ("b", "back", 40, 70), ("a", "called back", 30, 40), parent: 2)
            .Build();
        var times = new AdjustedTimes(trace);

        Assert.Equal(0, times.ShiftOf(Named(trace, "called back")));
        Assert.Equal(-12_500_000, times.ShiftOf(Named(trace, "answer")));
        Assert.Equal(-12_500_000, times.ShiftOf(Named(trace, "back")));
    }

    [Fact]
    public void Two_hosts_of_one_service_have_two_clocks()
    {
        Trace trace = new TraceBuilder()
            .Span(1, "shop", "order", 0, 100)
            .Span(2, "bank", "one", -40, -20, parent: 1).With("host.name", "early", AttributeScope.Resource)
            .Span(3, "bank", "two", 50, 60, parent: 1).With("host.name", "right", AttributeScope.Resource)
            .Build();
        MoveHostsToResource(trace);
        var times = new AdjustedTimes(trace);

        Assert.Equal("early", Assert.Single(times.Clocks).Host);
        Assert.Equal(0, times.ShiftOf(Named(trace, "two")));
        Assert.Equal(40, Start(trace, times, "one"));
    }

    [Fact]
    public void Where_no_single_shift_fits_each_call_is_judged_by_itself()
    {
        Trace trace = new TraceBuilder()
            .Span(1, "shop", "order", 0, 300)
            .Call(2, ("shop", "first", 10, 30), ("fn", "one", -90, -80), parent: 1)
            .Call(4, ("shop", "second", 100, 120), ("fn", "two", 105, 115), parent: 1)
            .Build();
        var times = new AdjustedTimes(trace);

        Assert.Equal((15, 105), (Start(trace, times, "one"), Start(trace, times, "two")));
        Assert.False(Assert.Single(times.Clocks).IsSteady);
        Assert.Contains("differently from call to call", Assert.Single(TraceWarnings.Of(trace)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_outlives_its_caller_is_no_skew()
    {
        Trace trace = new TraceBuilder()
            .Span(1, "api", "accept", 0, 20, kind: SpanKind.Server)
            .Span(2, "api", "send", 5, 8, parent: 1, kind: SpanKind.Producer)
            .Span(3, "mail", "deliver", 900, 950, parent: 2, kind: SpanKind.Consumer)
            .Span(4, "audit", "write", 10, 30, parent: 1)
            .Span(5, "api", "call", 2, 12, parent: 1, kind: SpanKind.Client).Failed("timeout")
            .Span(6, "slow", "work", 4, 19, parent: 5, kind: SpanKind.Server)
            .Build();

        Assert.False(new AdjustedTimes(trace).IsAdjusted);
        Assert.Empty(TraceWarnings.Of(trace));
    }

    [Fact]
    public void A_consumer_that_begins_before_its_message_was_sent_is_moved_to_its_sending()
    {
        Trace trace = new TraceBuilder()
            .Span(1, "api", "send", 100, 110, kind: SpanKind.Producer)
            .Span(2, "mail", "deliver", 20, 90, parent: 1, kind: SpanKind.Consumer)
            .Build();

        Assert.Equal(0, Start(trace, new AdjustedTimes(trace), "deliver"));
    }

    [Fact]
    public void Differences_up_to_a_millisecond_are_noise() => Assert.False(new AdjustedTimes(
        new TraceBuilder().Span(1, "a", "one", 0, 10).Span(2, "b", "two", -0.9, 5, parent: 1).Build()).IsAdjusted);

    [Fact]
    public void Reports_show_the_adjusted_time_beside_the_recorded_one_and_the_path_stays_on_recorded_ones()
    {
        Trace trace = new TraceBuilder()
            .Call(1, ("shop", "order", 0, 100), ("bank", "charge", -60, 20)).Failed("declined")
            .Build();
        var analysis = new TraceAnalysis(trace);
        string text = TextReport.Of(analysis);

        Assert.Contains("Duration: 100ms (by the recorded times of clocks that differ: 160ms)", text, StringComparison.Ordinal);
        Assert.Contains("+10.000ms  │ ┌ bank: charge (span_start) [recorded -60.000ms]", text, StringComparison.Ordinal);
        Assert.Contains("recorded as -60.000ms to +20.000ms by a clock that differs", text, StringComparison.Ordinal);
        Assert.Equal([80, 20], analysis.CriticalPath.Sections.ToArray().Select(static section => section.Duration / 1_000_000));
        var json = new ArrayBufferWriter<byte>();
        TraceReportJson.Write(json, analysis, isSealed: true, revision: 1);
        using JsonDocument report = JsonDocument.Parse(json.WrittenMemory);
        JsonElement charge = report.RootElement.GetProperty("spans").EnumerateArray().Single(static span => span.GetProperty("name").GetString() == "charge");
        Assert.Equal(Text(TraceBuilder.Epoch - 60_000_000), charge.GetProperty("startUnixNano").GetString());
        Assert.Equal(Text(TraceBuilder.Epoch + 10_000_000), charge.GetProperty("adjustedStartUnixNano").GetString());
        Assert.Equal(70, report.RootElement.GetProperty("clockSkew")[0].GetProperty("shiftMs").GetDouble());
        Assert.Equal(160, report.RootElement.GetProperty("durationMs").GetDouble());
    }

    [Property(MaxTest = 300)]
    public void Whatever_the_skew_of_a_callee_it_ends_up_within_its_calls(int seed)
    {
        var random = new Random(seed);
        int skew = random.Next(-5000, 5000);
        var builder = new TraceBuilder().Span(1, "a", "root", 0, 10_000);
        for (ulong i = 0; i < 5; i++)
        {
            int start = random.Next(0, 9000);
            int length = random.Next(10, 900);
            int before = random.Next(0, length / 2);
            int after = random.Next(0, length / 2);
            builder.Call((2 * i) + 2, ("a", "call", start, start + length), ("b", "work", skew + start + before, skew + start + length - after), parent: 1);
        }

        Trace trace = builder.Build();
        var times = new AdjustedTimes(trace);
        for (int i = 0; i < trace.SpanCount; i++)
        {
            int parent = trace.Parents[i];
            if (parent >= 0 && trace[i].Kind == SpanKind.Server)
            {
                Assert.InRange(times.StartOf(i), times.StartOf(parent) - 1_000_000, long.MaxValue);
                Assert.InRange(times.EndOf(i), long.MinValue, times.EndOf(parent) + 1_000_000);
            }
        }
    }

    /// <summary>Resource attributes, as readers share them.</summary>
    private static void MoveHostsToResource(Trace trace)
    {
        for (int i = 0; i < trace.Batch.Count; i++)
        {
            ref SpanRecord span = ref trace.Batch[i];
            (span.SharedStart, span.SharedCount, span.AttributeCount) = (span.AttributeStart, span.AttributeCount, 0);
        }
    }

    private static string Text(long nano) => nano.ToString(CultureInfo.InvariantCulture);

    private static int Start(Trace trace, AdjustedTimes times, string name) => (int)((times.StartOf(Named(trace, name)) - times.StartOf(trace.Root)) / 1_000_000);

    private static int Named(Trace trace, string name, SpanKind? kind = null) =>
        Enumerable.Range(0, trace.SpanCount).Single(i => trace.Batch.Text(trace[i].Name) == name && (kind is null || trace[i].Kind == kind));
}

/// <summary>Calls between services, both halves at once.</summary>
file static class CallBuilder
{
    /// <summary>A CLIENT span with an id, and the SERVER span that answers it, with the next one.</summary>
    public static TraceBuilder Call(
        this TraceBuilder builder,
        ulong id,
        (string Service, string Name, double Start, double End) caller,
        (string Service, string Name, double Start, double End) called,
        ulong parent = 0) => builder
            .Span(id, caller.Service, caller.Name, caller.Start, caller.End, parent, SpanKind.Client)
            .Span(id + 1, called.Service, called.Name, called.Start, called.End, id, SpanKind.Server);
}
