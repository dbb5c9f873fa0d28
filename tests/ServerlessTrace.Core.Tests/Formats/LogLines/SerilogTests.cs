using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.LogLines;

public sealed class SerilogTests
{
    [Fact]
    public void A_record_with_a_start_is_a_span_named_by_its_template()
    {
        ReadSource read = ReadSource.Of("""
            {"@t":"2026-02-26T18:00:01.5Z","@mt":"HTTP {RequestMethod} {RequestPath}","@tr":"0af7651916cd43dd8448eb211c80319c","@sp":"b7ad6b7169203331","@ps":"00f067aa0ba902b7","@st":"2026-02-26T18:00:00Z","@sk":"Server","RequestMethod":"GET","RequestPath":"/","service.name":"shop"}
            """);
        Assert.Equal(SourceFormat.SpanLog, read.Statistics.Format);
        ReadSpan span = read.Only;
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"), (span.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal((1772128800_000000000, 1772128801_500000000), (span.Start, span.End));
        Assert.Equal(("HTTP {RequestMethod} {RequestPath}", SpanKind.Server, SpanStatus.Unset, "shop"), (span.Name, span.Kind, span.Status, span.Service));
        Assert.Equal(SpanFlags.Started | SpanFlags.Ended, span.Flags & (SpanFlags.Started | SpanFlags.Ended));
        Assert.Equal(["RequestMethod", "RequestPath"], span.Attributes.Keys);
    }

    [Fact]
    public void A_failed_span_has_its_exception()
    {
        ReadSpan span = ReadSource.Of("""
            {"@t":"2026-02-26T18:00:01Z","@mt":"pay","@l":"Error","@x":"System.TimeoutException: gateway silent\n   at Shop.Pay()","@tr":"1","@sp":"2","@st":"2026-02-26T18:00:00Z"}
            """).Only;
        Assert.Equal((SpanStatus.Error, "gateway silent"), (span.Status, span.StatusMessage));
        Assert.Equal(("System.TimeoutException", "Error"), (span.Attributes["error.type"], span.Attributes["level"]));
        Assert.StartsWith("System.TimeoutException: gateway", span.Attributes["exception.stacktrace"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_line_is_an_event_of_its_span()
    {
        ReadSpan line = ReadSource.Of("""
            {"@t":"2026-02-26T18:00:00Z","@mt":"Charged {Amount}","@m":"Charged 99","@i":"a1b2","Amount":99,"@tr":"1","@sp":"2"}
            """).Only;
        Assert.Equal(("Charged 99", "Charged {Amount}", "int64 99"), (line.Event, line.EventAttributes["message.template"], line.EventAttributes["Amount"]));
        Assert.Equal("0000000000000002", line.SpanId);
        Assert.Equal("Charged {Amount}", ReadSource.Of("""{"@t":"2026-02-26T18:00:00Z","@mt":"Charged {Amount}","@tr":"1","@sp":"2"}""").Only.Event);
    }

    [Fact]
    public void Names_that_only_look_alike_are_attributes()
    {
        ReadSpan line = ReadSource.Of("""{"@t":"2026-02-26T18:00:00Z","@m":"x","@tr":"1","@sp":"2","sp":"3","tr":"4","@@sp":"5","st":"6"}""").Only;
        Assert.Equal(("3", "4", "5", "6"), (line.EventAttributes["sp"], line.EventAttributes["tr"], line.EventAttributes["@@sp"], line.EventAttributes["st"]));
    }

    [Theory]
    [InlineData("""{"time":"2026-02-26T18:00:00Z","msg":"in","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""")]
    [InlineData("""{"time":"2026-02-26T18:00:00Z","msg":"in","req":{"method":"GET","headers":{"host":"x","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}""")]
    [InlineData("""{"time":"2026-02-26T18:00:00Z","msg":"in","req":{"headers":[{"Traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}]}}""")]
    public void A_traceparent_anywhere_in_a_record_without_ids_gives_them(string record)
    {
        ReadSpan line = ReadSource.Of(record).Only;
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "in"), (line.TraceId, line.SpanId, line.Event));
    }

    [Fact]
    public void A_record_with_ids_of_its_own_keeps_them()
    {
        ReadSpan line = ReadSource.Of("""{"time":"2026-02-26T18:00:00Z","msg":"in","trace_id":"1","span_id":"2","req":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}""").Only;
        Assert.Equal(("00000000000000000000000000000001", "0000000000000002"), (line.TraceId, line.SpanId));
    }
}
