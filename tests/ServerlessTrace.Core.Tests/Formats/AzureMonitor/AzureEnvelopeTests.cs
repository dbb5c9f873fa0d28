using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.AzureMonitor;

/// <summary>Telemetry as Application Insights' SDKs send it, and as continuous export stored it.</summary>
public sealed class AzureEnvelopeTests
{
    private const string Dependency =
        """{"data":{"baseData":{"ver":2,"name":"SQL: shop","id":"b7ad6b7169203332","duration":"0.00:00:01.5000000","success":false,"resultCode":"1205","type":"SQL","target":"db | shop","data":"SELECT 1","properties":{"order_id":"ord-1"},"measurements":{"rows":3}},"baseType":"RemoteDependencyData"},"tags":{"ai.operation.parentId":"b7ad6b7169203331","ai.operation.id":"0af7651916cd43dd8448eb211c80319c","ai.cloud.role":"shop","ai.cloud.roleInstance":"i1"},"iKey":"0","time":"2026-02-26T18:00:00.1Z","name":"Microsoft.ApplicationInsights.0.RemoteDependency"}""";

    private const string Exception =
        """{"name":"Microsoft.ApplicationInsights.0.Exception","time":"2026-02-26T18:00:01Z","iKey":"0","tags":{"ai.operation.id":"0af7651916cd43dd8448eb211c80319c","ai.operation.parentId":"b7ad6b7169203332","ai.cloud.role":"shop"},"data":{"baseType":"ExceptionData","baseData":{"ver":2,"exceptions":[{"id":1,"typeName":"SqlException","message":"deadlock","hasFullStack":true,"stack":"at a"}],"severityLevel":"Error"}}}""";

    private const string Message =
        """{"time":"2026-02-26T18:00:01Z","tags":{"ai.operation.id":"0af7651916cd43dd8448eb211c80319c","ai.operation.parentId":"b7ad6b7169203332"},"data":{"baseType":"MessageData","baseData":{"message":"retrying","severityLevel":2}}}""";

    private const string Exported =
        """{"request":[{"id":"|0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331.","name":"GET /x","count":1,"responseCode":200,"success":true,"url":"http://shop/x","urlData":{"base":"/x","host":"shop"},"durationMetric":{"value":4000000.0,"count":1.0,"min":4000000.0,"max":4000000.0,"stdDev":0.0,"sampledValue":4000000.0}}],"internal":{"data":{"id":"1","documentVersion":"1.61"}},"context":{"data":{"eventTime":"2026-02-26T18:00:00Z","isSynthetic":false,"samplingRate":100.0},"cloud":{},"device":{"type":"PC","roleInstance":"i1","roleName":"shop"},"application":{"version":"4"},"operation":{"id":"0af7651916cd43dd8448eb211c80319c","parentId":"0af7651916cd43dd8448eb211c80319c","name":"GET /x"},"custom":{"dimensions":[{"order_id":"ord-1"},{"b":"c"}],"metrics":[]}}}""";

    [Fact]
    public void An_envelope_is_a_span_with_its_fields_in_any_order()
    {
        var read = ReadSource.Of(Dependency);
        Assert.Equal((SourceFormat.AzureMonitor, 0), (read.Statistics.Format, read.Statistics.Rejected));
        ReadSpan span = read.Only;
        Assert.Equal(("b7ad6b7169203332", "b7ad6b7169203331", "shop", "SQL: shop"), (span.SpanId, span.ParentSpanId, span.Service, span.Name));
        Assert.Equal((SpanKind.Client, SpanStatus.Error, 1_500_000_000), (span.Kind, span.Status, span.End - span.Start));
        Assert.Equal(("mssql", "SELECT 1", "ord-1", "int64 3"), (span.Attributes["db.system"], span.Attributes["db.query.text"], span.Attributes["order_id"], span.Attributes["rows"]));
    }

    [Fact]
    public void Exceptions_and_messages_in_envelopes_are_events()
    {
        var read = ReadSource.Of($"{Exception}\n{Message}\n");
        Assert.Equal((2, 0), (read.Spans.Count, read.Statistics.Rejected));
        Assert.Equal(("exception", "SqlException", "deadlock", "at a"), (read.Spans[0].Event, read.Spans[0].EventAttributes["exception.type"], read.Spans[0].EventAttributes["exception.message"], read.Spans[0].EventAttributes["exception.stacktrace"]));
        Assert.Equal(("retrying", "Warning"), (read.Spans[1].Event, read.Spans[1].EventAttributes["level"]));
    }

    [Fact]
    public void An_item_of_continuous_export_is_a_span()
    {
        var read = ReadSource.Of(Exported + "\n" + Dependency);
        Assert.Equal((SourceFormat.AzureMonitor, 2, 0), (read.Statistics.Format, read.Spans.Count, read.Statistics.Rejected));
        ReadSpan span = read.Spans[0];
        Assert.Equal(("b7ad6b7169203331", "0000000000000000", "shop", "GET /x"), (span.SpanId, span.ParentSpanId, span.Service, span.Name));
        Assert.Equal((SpanKind.Server, SpanStatus.Ok, 400_000_000), (span.Kind, span.Status, span.End - span.Start));
        Assert.Equal(("ord-1", "int64 200", "i1", "4"), (span.Attributes["order_id"], span.Attributes["http.response.status_code"], span.Resource["service.instance.id"], span.Resource["service.version"]));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("null")]
    [InlineData("\"00:00:00.-5\"")]
    [InlineData("\"\"")]
    [InlineData("18446744073709551615")]
    public void A_record_whose_duration_cannot_be_used_keeps_its_place_and_its_children(string duration)
    {
        ReadSpan span = ReadSource.Of($$"""{"time":"2026-02-26T18:00:00Z","Type":"AppDependencies","OperationId":"0af7651916cd43dd8448eb211c80319c","Id":"b7ad6b7169203332","Name":"x","DurationMs":{{duration}}}""").Only;
        Assert.Equal((span.Start, SpanFlags.Started | SpanFlags.Ended | SpanFlags.OddDuration), (span.End, span.Flags & ~SpanFlags.ServiceFromSource));
    }
}
