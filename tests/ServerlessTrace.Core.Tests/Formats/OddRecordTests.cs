using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>What is odd about a record costs at most that field, and the trace says so.</summary>
public class OddRecordTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Time = "\"timestamp\":\"2026-02-26T18:00:00Z\"";

    private static string Span(string fields) => $"{{\"trace_id\":\"{Trace}\",\"span_id\":\"b7ad6b7169203331\",\"span_name\":\"charge\",{fields}}}";

    [Theory]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"parent_span_id\":\"not-an-id\"", SpanFlags.OddParentId, "odd-parent-id")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"parent_span_id\":[7]", SpanFlags.OddParentId, "odd-parent-id")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"parent_id\":\"0000000000000000\"", SpanFlags.OddParentId, "odd-parent-id")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"parent_id\":\"0\"", SpanFlags.OddParentId, "odd-parent-id")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":-3.5", SpanFlags.OddDuration, "odd-duration")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":null", SpanFlags.OddDuration, "odd-duration")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":\"soon\"", SpanFlags.OddDuration, "odd-duration")]
    [InlineData("\"timestamp\":1772128800,\"duration_ns\":18446744073709051616", SpanFlags.OddDuration, "odd-duration")]
    [InlineData("\"timestamp\":1772128800,\"duration_us\":18446744073709551.115", SpanFlags.OddDuration, "odd-duration")]
    [InlineData("\"timestamp\":\"yesterday\",\"time\":1772128800,\"duration_ms\":5", SpanFlags.OddTime, "odd-time")]
    [InlineData("\"timestamp\":0,\"end_time\":1772128800", SpanFlags.OddTime, "odd-time")]
    [InlineData("\"start_time\":{\"seconds\":5},\"end_time\":1772128800", SpanFlags.OddTime, "odd-time")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"big\":99999999999999999999", SpanFlags.OddNumber, "odd-number")]
    [InlineData("\"timestamp\":1772128800,\"duration_ms\":5,\"attributes\":{\"big\":-9223372036854775809}", SpanFlags.OddNumber, "odd-number")]
    public void An_odd_field_costs_its_span_that_field_and_no_more(string fields, SpanFlags odd, string warning)
    {
        const string Child = """{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"1","parent_span_id":"b7ad6b7169203331","span_name":"child","start_time":1772128799.999,"end_time":1772128800}""";
        ReadSource read = ReadSource.Of($"{Span(fields)}\n{Child}\n");

        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(odd, read.Spans[0].Flags & (SpanFlags.OddParentId | SpanFlags.OddSpanId | SpanFlags.OddDuration | SpanFlags.OddTime | SpanFlags.OddNumber));
        Trace trace = ReadTrace.Only(System.Text.Encoding.UTF8.GetBytes($"{Span(fields)}\n{Child}\n"));
        Assert.Equal((2, 1), (trace.SpanCount, trace.RootCount));
        Assert.Contains(TraceWarnings.Of(trace), w => w.Kind == warning && w.Text.Contains("1 span(s)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"date\":1772128800.25")]
    [InlineData("\"timeMillis\":1772128800250")]
    [InlineData("\"asctime\":\"2026-02-26 18:00:00,250\"")]
    [InlineData("\"TimeGenerated\":\"2026-02-26T18:00:00.25Z\"")]
    [InlineData("\"instant\":{\"epochSecond\":1772128800,\"nanoOfSecond\":250000000}")]
    [InlineData("\"timestamp\":{\"seconds\":\"1772128800\",\"nanos\":250000000}")]
    [InlineData("\"time\":{\"repr\":\"2026-02-26 18:00:00.250000+00:00\",\"timestamp\":1772128800.25}")]
    [InlineData("\"date\":20260226,\"time\":1772128800.25")]
    [InlineData("\"timestamp\":1772128800.25,\"date\":\"2020-01-01T00:00:00Z\"")]
    public void The_time_of_a_record_is_found_under_the_names_and_in_the_shapes_of_loggers(string fields) =>
        Assert.Equal(1_772_128_800_250_000_000, ReadSource.Of(Span($"{fields},\"duration_ms\":5")).Only.End);

    [Fact]
    public void An_integer_beyond_64_bits_is_kept_as_text() =>
        Assert.Equal("99999999999999999999", ReadSource.Of(Span($"{Time},\"duration_ms\":5,\"attributes\":{{\"big\":99999999999999999999}}")).Only.Attributes["big"]);

    [Theory]
    [InlineData("\"span_id\":\"no-id\",")]
    [InlineData("\"span_id\":\"0000000000000000\",")]
    [InlineData("")]
    public void A_whole_span_without_an_id_of_its_own_gets_one_that_is_the_same_each_time(string id)
    {
        string record = $"{{\"trace_id\":\"{Trace}\",{id}\"span_name\":\"charge\",{Time},\"duration_ms\":5}}";
        ReadSource read = ReadSource.Of($"{record}\n{record}\n");

        Assert.Equal(2, read.Spans.Count);
        Assert.Equal(read.Spans[0].SpanId, read.Spans[1].SpanId);
        Assert.All(read.Spans, span => Assert.True(span.Flags.HasFlag(SpanFlags.OddSpanId | SpanFlags.Ended)));
    }

    [Theory]
    [InlineData("span_start")]
    [InlineData("span_end")]
    public void A_start_or_end_without_a_span_is_an_event_of_the_trace(string kind)
    {
        ReadSpan span = ReadSource.Of($"{{\"trace_id\":\"{Trace}\",\"event\":\"{kind}\",\"span_id\":\"x\",{Time}}}").Only;

        Assert.Equal(("0000000000000000", kind), (span.SpanId, span.Event));
    }

    [Theory]
    [InlineData("\"span_id\":\"0\"")]
    [InlineData("\"span_id\":\"0000000000000000\"")]
    [InlineData("\"span_id\":\"\"")]
    [InlineData("\"span_id\":null,\"parent_id\":\"0\"")]
    public void A_log_line_outside_a_span_is_an_event_of_its_trace(string ids)
    {
        ReadSpan line = ReadSource.Of($"{{\"trace_id\":\"{Trace}\",{ids},{Time},\"msg\":\"idle\"}}").Only;

        Assert.Equal(("0000000000000000", "idle"), (line.SpanId, line.Event));
    }

    [Theory]
    [InlineData("\"start_time\":{\"low\":-1486618624,\"high\":412583999},\"end_time\":{\"high\":412583999,\"low\":-1486618623,\"unsigned\":true}", 1)]
    [InlineData("\"start_time\":{\"low\":2808348672,\"high\":412583999},\"duration_ms\":1", 1_000_000)]
    public void Times_may_be_halves_of_64_bits(string times, long nano)
    {
        ReadSpan span = ReadSource.Of(Span(times)).Only;

        Assert.Equal(((412583999L << 32) | 2808348672, nano), (span.Start, span.End - span.Start));
    }

    [Fact]
    public void An_end_at_the_zero_time_of_Go_is_none() =>
        Assert.False(ReadSource.Of(Span("\"start_time\":\"2026-02-26T18:00:00Z\",\"end_time\":\"0001-01-01T00:00:00Z\"")).Only.Flags.HasFlag(SpanFlags.Ended));
}
