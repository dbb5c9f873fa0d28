using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.SdkConsole;

/// <summary>Spans as OpenTelemetry's SDKs print them on the console.</summary>
public sealed class SdkConsoleTests
{
    private const string Python =
        """
        {"name": "GET /cart", "context": {"trace_id": "0x0af7651916cd43dd8448eb211c80319c", "span_id": "0xb7ad6b7169203331", "trace_state": "[]"},
         "kind": "SpanKind.CONSUMER", "parent_id": null, "start_time": "2026-02-26T18:00:00.000001Z", "end_time": "2026-02-26T18:00:01.000001Z",
         "status": {"status_code": "ERROR", "description": "no money"}, "attributes": {"n": 18446744073709551616, "ok": true, "list": ["a"]},
         "events": [{"name": "exception", "timestamp": "2026-02-26T18:00:00.5Z", "attributes": {"exception.type": "ValueError", "ok": false}}],
         "links": [{"context": {"trace_id": "0x1af7651916cd43dd8448eb211c80319c", "span_id": "0x1"}, "attributes": {"why": "retry"}}],
         "resource": {"attributes": {"service.name": "shop", "service.version": "2"}, "schema_url": ""}}
        """;

    private const string Go =
        """
        {
        	"Name": "charge",
        	"SpanContext": {"TraceID": "0af7651916cd43dd8448eb211c80319c", "SpanID": "b7ad6b7169203332", "TraceFlags": "01", "TraceState": "", "Remote": false},
        	"Parent": {"TraceID": "0af7651916cd43dd8448eb211c80319c", "SpanID": "b7ad6b7169203331", "TraceFlags": "01", "TraceState": "", "Remote": true},
        	"SpanKind": 4,
        	"StartTime": "2026-02-26T19:00:00.000001+01:00",
        	"EndTime": "2026-02-26T19:00:00.000002999+01:00",
        	"Attributes": [{"Key": "n", "Value": {"Type": "INT64", "Value": 7}}, {"Key": "list", "Value": {"Type": "STRINGSLICE", "Value": ["a", "b"]}}],
        	"Events": [{"Name": "e", "Attributes": [{"Key": "k", "Value": {"Type": "BOOL", "Value": true}}], "DroppedAttributeCount": 0, "Time": "2026-02-26T19:00:00.000002+01:00"}],
        	"Links": [{"SpanContext": {"TraceID": "1af7651916cd43dd8448eb211c80319c", "SpanID": "0000000000000001"}, "Attributes": null}],
        	"Status": {"Code": "Ok", "Description": ""},
        	"Resource": [{"Key": "service.name", "Value": {"Type": "STRING", "Value": "pay"}}],
        	"InstrumentationLibrary": {"Name": "lib", "Version": "1.2", "SchemaURL": ""}
        }
        """;

    private const string JavaScript =
        """
        {
          resource: Resource {
            _attributes: [Object],
            attributes: { 'service.name': 'web', "it's": `a 'quoted' "text"` }
          },
          instrumentationLibrary: { name: 'lib', version: '1', schemaUrl: undefined },
          traceId: '0af7651916cd43dd8448eb211c80319c',
          parentSpanContext: {
            traceId: '0af7651916cd43dd8448eb211c80319c',
            spanId: 'b7ad6b7169203331',
            traceFlags: 1,
            traceState: TraceState { _internalState: Map(1) { 'a' => 'b' } }
          },
          name: 'GET /a\'b',
          id: 'b7ad6b7169203333',
          kind: 2,
          timestamp: 1772128800000001,
          duration: 1500.25,
          attributes: { big: 12345678901234567890n, list: [ 'x', 1, ... 2 more items ], long: 'one ' +
            'two', deep: [Object], none: undefined, nan: NaN, when: 2026-02-26T18:00:00.000Z },
          status: { code: 2, message: 'gone' },
          events: [ { name: 'e', attributes: { k: -0.5 }, time: [ 1772128800, 500000000 ], droppedAttributesCount: 0 } ],
          links: [ { context: { traceId: '1af7651916cd43dd8448eb211c80319c', spanId: '0000000000000002', traceFlags: 1 }, attributes: {} } ]
        }
        """;

    private const string DotNet =
        """
        Activity.TraceId:            0af7651916cd43dd8448eb211c80319c
        Activity.SpanId:             b7ad6b7169203334
        Activity.TraceFlags:         Recorded
        Activity.TraceState:         a=b
        Activity.ParentSpanId:       b7ad6b7169203333
        Activity.DisplayName:        GET /stock: all
        Activity.Kind:               Client
        Activity.StartTime:          2026-02-26T18:00:00.0000001Z
        Activity.Duration:           1.00:00:00.0000005
        Activity.Tags:
            http.request.method: GET
            url.full: http://stock/a?b=c
        StatusCode: Error
        Activity.StatusDescription:  gone
        Activity.Events:
            exception [02/26/2026 18:00:01 +00:00]
                exception.type: System.Exception
                exception.stacktrace: System.Exception: gone
           at Stock.Get() in Stock.cs:line 5
            retry [2026-02-26T18:00:02Z]
        Activity.Links:
            1af7651916cd43dd8448eb211c80319c 0000000000000003
                why: batch
        Instrumentation scope (ActivitySource):
            Name: Stock
            Version: 3
        Resource associated with Activity:
            service.name: stock
            telemetry.sdk.name: opentelemetry


        """;

    [Fact]
    public void A_span_that_Python_prints_has_all_that_is_in_it()
    {
        var read = ReadSource.Of(Python);
        Assert.Equal((SourceFormat.SdkConsole, 0), (read.Statistics.Format, read.Statistics.Rejected));
        ReadSpan span = read.Only;
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "0000000000000000"), (span.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal(("shop", "GET /cart", SpanKind.Consumer, SpanStatus.Error, "no money"), (span.Service, span.Name, span.Kind, span.Status, span.StatusMessage));
        Assert.Equal((1772128800000001000, 1_000_000_000), (span.Start, span.End - span.Start));
        Assert.Equal(("bool True", "json [\"a\"]", "2"), (span.Attributes["ok"], span.Attributes["list"], span.Resource["service.version"]));
        Assert.Equal(("exception", 1772128800500000000, "bool False"), (span.Event, span.EventTime, span.EventAttributes["ok"]));
        Assert.False(span.Resource.ContainsKey("service.name"));
    }

    [Fact]
    public void A_span_that_Go_prints_has_all_that_is_in_it()
    {
        var read = ReadSource.Of(Go);
        Assert.Equal((SourceFormat.SdkConsole, 0), (read.Statistics.Format, read.Statistics.Rejected));
        ReadSpan span = read.Only;
        Assert.Equal(("b7ad6b7169203332", "b7ad6b7169203331", "pay", "charge"), (span.SpanId, span.ParentSpanId, span.Service, span.Name));
        Assert.Equal((SpanKind.Producer, SpanStatus.Ok, 1772128800000001000, 1_999), (span.Kind, span.Status, span.Start, span.End - span.Start));
        Assert.Equal(("int64 7", "json [\"a\", \"b\"]", "lib", "1.2"), (span.Attributes["n"], span.Attributes["list"], span.Resource["otel.scope.name"], span.Resource["otel.scope.version"]));
        Assert.Equal(("e", 1772128800000002000, "bool True"), (span.Event, span.EventTime, span.EventAttributes["k"]));
    }

    [Fact]
    public void A_span_that_has_not_ended_in_Go_is_open()
    {
        ReadSpan span = ReadSource.Of(Go.Replace("2026-02-26T19:00:00.000002999+01:00", "0001-01-01T00:00:00Z", StringComparison.Ordinal)).Only;
        Assert.Equal((SpanFlags.Started, 0), (span.Flags, span.End));
    }

    [Fact]
    public void A_span_that_Node_prints_has_all_that_is_in_it()
    {
        var read = ReadSource.Of("listening\n" + JavaScript + "\nlistening on http://localhost:8080\n" + JavaScript.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal((SourceFormat.JavaScriptConsole, 2, 2), (read.Statistics.Format, read.Statistics.Rejected, read.Spans.Count));
        Assert.Equal(read.Spans[0].ToString(), read.Spans[1].ToString());
        Assert.Equal(26, read.Statistics.Rejections[1].Line);
        ReadSpan span = read.Spans[0];
        Assert.Equal(("b7ad6b7169203333", "b7ad6b7169203331", "web", "GET /a'b"), (span.SpanId, span.ParentSpanId, span.Service, span.Name));
        Assert.Equal((SpanKind.Client, SpanStatus.Error, "gone", 1772128800000001000, 1_500_250), (span.Kind, span.Status, span.StatusMessage, span.Start, span.End - span.Start));
        Assert.Equal(("json [\"x\",1]", "one two", "[Object]"), (span.Attributes["list"], span.Attributes["long"], span.Attributes["deep"]));
        Assert.Equal(("a 'quoted' \"text\"", "lib"), (span.Resource["it's"], span.Resource["otel.scope.name"]));
        Assert.False(span.Attributes.ContainsKey("none"));
        Assert.Equal(("e", 1772128800500000000, "double -0.5"), (span.Event, span.EventTime, span.EventAttributes["k"]));
    }

    [Fact]
    public void A_span_that_Node_prints_in_colours_is_the_same()
    {
        string coloured = string.Join('\n', JavaScript.Split('\n').Select(static line => line.StartsWith("  name", StringComparison.Ordinal) || line.StartsWith("  kind", StringComparison.Ordinal)
            ? line.Replace(": ", ": \u001b[32m", StringComparison.Ordinal).Replace(",", "\u001b[39m,", StringComparison.Ordinal) : line));
        Assert.Equal(ReadSource.Of(JavaScript).Only.ToString(), ReadSource.Of(coloured).Only.ToString());
    }

    [Fact]
    public void A_span_that_dotnet_prints_has_all_that_is_in_it()
    {
        var read = ReadSource.Of("info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://localhost:5000\n" + DotNet + DotNet.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal((SourceFormat.DotNetConsole, 2, 2), (read.Statistics.Format, read.Statistics.Rejected, read.Spans.Count));
        Assert.Equal(read.Spans[0].ToString(), read.Spans[1].ToString());
        ReadSpan span = read.Spans[0];
        Assert.Equal(("b7ad6b7169203334", "b7ad6b7169203333", "stock", "GET /stock: all", "a=b"), (span.SpanId, span.ParentSpanId, span.Service, span.Name, span.TraceState));
        Assert.Equal((SpanKind.Client, SpanStatus.Error, "gone", 1772128800000000100, 86_400_000_000_500), (span.Kind, span.Status, span.StatusMessage, span.Start, span.End - span.Start));
        Assert.Equal(("http://stock/a?b=c", "Stock", "3"), (span.Attributes["url.full"], span.Resource["otel.scope.name"], span.Resource["otel.scope.version"]));
        Assert.Equal(("exception", 1772128801000000000, "System.Exception"), (span.Event, span.EventTime, span.EventAttributes["exception.type"]));
        Assert.StartsWith("retry 1772128802000000000", Assert.Single(span.FurtherEvents), StringComparison.Ordinal);
    }

    [Fact]
    public void Consoles_of_all_languages_and_log_lines_may_be_one_file()
    {
        const string Line = """{"timestamp":"2026-02-26T18:00:00Z","level":"info","message":"m","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"}""";
        string[] parts = [Python, Go, JavaScript, DotNet, Line];
        foreach (string first in parts)
        {
            string content = string.Join('\n', new[] { first }.Concat(parts)) + "\n";
            var read = ReadSource.Of(content);
            Assert.Equal((6, 0), (read.Spans.Count, read.Statistics.Rejected));
            var trickled = ReadSource.Of(new OneByteStream(System.Text.Encoding.UTF8.GetBytes(content)));
            Assert.Equal(read.Describe(), trickled.Describe());
        }
    }

    [Theory]
    [InlineData("{\n  resource: { attributes: { 'service.name': 'web' ")]
    [InlineData("{\n  traceId: '1',\n  = 5\n}\n")]
    public void What_Node_printed_in_part_is_rejected(string text) => Assert.True(ReadSource.Of(text).Statistics is { Records: 0, Rejected: > 0 });

    [Fact]
    public void Text_of_dotnets_exporter_that_is_not_utf8_is_kept_with_replacements()
    {
        byte[] text = [.. "Activity.TraceId: 0af7651916cd43dd8448eb211c80319c\nActivity.SpanId: b7ad6b7169203334\nActivity.DisplayName: st"u8, 0xFF, .. "ck\nActivity.StartTime: 2026-02-26T18:00:00Z\nActivity.Duration: 00:00:01\n"u8];

        Trace trace = ReadTrace.Only(text);

        Assert.Equal("st\ufffdck", trace.Batch.Text(trace[0].Name));
    }
}
