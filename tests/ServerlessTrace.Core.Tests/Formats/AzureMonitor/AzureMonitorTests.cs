using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats.AzureMonitor;

public sealed class AzureMonitorTests
{
    // Fields and their order as diagnostic settings write them; values made up.
    private const string Request = """
        { "time": "2026-02-26T18:00:00.1230000Z", "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/SHOP", "ResourceGUID": "8f4e9d12-0000-0000-0000-000000000000", "Type": "AppRequests", "AppRoleInstance": "shop-7d4f", "AppRoleName": "shop-api", "AppVersion": "1.4.2", "ClientIP": "0.0.0.0", "ClientType": "PC", "IKey": "k", "_BilledSize": 786, "OperationName": "POST Orders/Create", "OperationId": "0af7651916cd43dd8448eb211c80319c", "ParentId": "0af7651916cd43dd8448eb211c80319c", "SDKVersion": "dotnet8:otel1.9.0", "Properties": {"order_id": "ord-789", "_MS.ProcessedByMetricExtractors": "(Name:X)"}, "Measurements": {"items": 3}, "Id": "b7ad6b7169203331", "Name": "POST Orders/Create", "Url": "https://shop.example/orders", "Success": false, "ResultCode": "502", "DurationMs": 1234.5678, "PerformanceBucket": "1sec-3sec", "ItemCount": 1}
        """;

    private const string Dependency = """
        { "time": "2026-02-26T18:00:00.2000000Z", "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/SHOP", "Type": "AppDependencies", "AppRoleName": "shop-api", "OperationId": "0af7651916cd43dd8448eb211c80319c", "ParentId": "b7ad6b7169203331", "Id": "00f067aa0ba902b7", "Target": "sql.example | orders", "DependencyType": "SQL", "Data": "INSERT INTO orders", "Name": "INSERT orders", "Success": true, "ResultCode": "0", "DurationMs": 12, "ItemCount": 5}
        """;

    private const string Exception = """
        { "time": "2026-02-26T18:00:00.3000000Z", "Type": "AppExceptions", "AppRoleName": "shop-api", "OperationId": "0af7651916cd43dd8448eb211c80319c", "ParentId": "b7ad6b7169203331", "ProblemId": "Shop.GatewayException at Pay", "ExceptionType": "Shop.GatewayException", "OuterMessage": "gateway said no", "SeverityLevel": 3, "Details": "[{\"id\":\"1\",\"message\":\"gateway said no\",\"type\":\"Shop.GatewayException\",\"parsedStack\":[{\"assembly\":\"Shop\",\"method\":\"Shop.Pay\",\"level\":0,\"fileName\":\"Pay.cs\",\"line\":17},{\"method\":\"Main\",\"level\":1}]}]"}
        """;

    private const string Trace = """
        { "time": "2026-02-26T18:00:00.2500000Z", "Type": "AppTraces", "AppRoleName": "shop-api", "OperationId": "0af7651916cd43dd8448eb211c80319c", "ParentId": "b7ad6b7169203331", "Message": "charging card", "SeverityLevel": 1, "Properties": {"CategoryName": "Shop.Payments"}}
        """;

    private static string Lines => string.Join("\r\n", Request.Trim(), Dependency.Trim(), Exception.Trim(), Trace.Trim(), string.Empty);

    [Fact]
    public void Requests_and_dependencies_are_spans_that_begin_at_their_time()
    {
        ReadSource read = ReadSource.Of(Lines, "PT1H.json");
        Assert.Equal(SourceFormat.AzureMonitor, read.Statistics.Format);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal((4, 2), (read.Statistics.Records, read.Statistics.SpanRecords));

        ReadSpan request = read.Spans[0];
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "0000000000000000"), (request.TraceId, request.SpanId, request.ParentSpanId));
        Assert.Equal((1772128800123_000000, 1772128801357_567800), (request.Start, request.End));
        Assert.Equal(("shop-api", "POST Orders/Create", SpanKind.Server, SpanStatus.Error), (request.Service, request.Name, request.Kind, request.Status));
        Assert.Equal(("ord-789", "int64 502", "https://shop.example/orders", "int64 3"),
            (request.Attributes["order_id"], request.Attributes["http.response.status_code"], request.Attributes["url.full"], request.Attributes["items"]));
        Assert.Equal(("shop-7d4f", "1.4.2"), (request.Resource["service.instance.id"], request.Resource["service.version"]));

        ReadSpan dependency = read.Spans[1];
        Assert.Equal(("00f067aa0ba902b7", "b7ad6b7169203331", SpanKind.Client, SpanStatus.Ok), (dependency.SpanId, dependency.ParentSpanId, dependency.Kind, dependency.Status));
        Assert.Equal(("mssql", "sql.example", "orders", "INSERT INTO orders"),
            (dependency.Attributes["db.system"], dependency.Attributes["server.address"], dependency.Attributes["db.namespace"], dependency.Attributes["db.query.text"]));
        Assert.Equal("int64 5", dependency.Attributes["azure.item_count"]);
    }

    [Fact]
    public void Exceptions_fail_their_span_and_traces_are_its_events()
    {
        ReadSource read = ReadSource.Of(Lines, "PT1H.json");
        ReadSpan exception = read.Spans[2];
        Assert.Equal(("b7ad6b7169203331", "exception", SpanStatus.Error, "gateway said no", SpanFlags.None),
            (exception.SpanId, exception.Event, exception.Status, exception.StatusMessage, exception.Flags));
        Assert.Equal(("Shop.GatewayException", "gateway said no", "at Shop.Pay in Pay.cs:17\nat Main", "Error"),
            (exception.EventAttributes["exception.type"], exception.EventAttributes["exception.message"], exception.EventAttributes["exception.stacktrace"], exception.EventAttributes["level"]));
        ReadSpan trace = read.Spans[3];
        Assert.Equal(("b7ad6b7169203331", "charging card", SpanStatus.Unset), (trace.SpanId, trace.Event, trace.Status));
        Assert.Equal(("Information", "Shop.Payments"), (trace.EventAttributes["level"], trace.EventAttributes["CategoryName"]));
    }

    [Theory]
    [InlineData("{\"records\":[", ",", "]}")]
    [InlineData("{ \"records\" :\n [\n", ",\n", "\n]\n}\n")]
    [InlineData("[", ",", "]")]
    public void Records_in_a_wrapper_are_the_same_records(string before, string between, string after)
    {
        string content = before + string.Join(between, Request, Dependency, Exception, Trace) + after;
        ReadSource read = ReadSource.Of(content, "PT1H.json");
        Assert.Equal(SourceFormat.AzureMonitor, read.Statistics.Format);
        Assert.Equal(ReadSource.Of(Lines, "PT1H.json").Describe(), read.Describe());
        Assert.Equal(read.Describe(), ReadSource.Of(new OneByteStream(Encoding.UTF8.GetBytes(content)), "PT1H.json").Describe());
    }

    [Fact]
    public void Classic_tables_are_read_by_their_own_names()
    {
        ReadSource read = ReadSource.Of("""
            {"timestamp":"2026-02-26T18:00:00Z","id":"|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7.","name":"GET Home","duration":"12.5","success":"True","resultCode":"200","url":"http://x/","itemType":"request","operation_Id":"4bf92f3577b34da6a3ce929d0e0e4736","operation_ParentId":"4bf92f3577b34da6a3ce929d0e0e4736","cloud_RoleName":"web","customDimensions":"{\"tenant\":\"t1\"}"}
            {"timestamp":"2026-02-26T18:00:00Z","id":"b7ad6b7169203331","name":"GET /api","duration":3,"success":"False","resultCode":"500","type":"HTTP","target":"api:8080 | cid-v1:1","data":"http://api:8080/api","itemType":"dependency","operation_Id":"4bf92f3577b34da6a3ce929d0e0e4736","operation_ParentId":"|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7.","cloud_RoleName":"web"}
            """);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(("00f067aa0ba902b7", "0000000000000000", "t1"), (read.Spans[0].SpanId, read.Spans[0].ParentSpanId, read.Spans[0].Attributes["tenant"]));
        Assert.Equal(1772128800012_500000, read.Spans[0].End);
        Assert.Equal(("00f067aa0ba902b7", SpanStatus.Error, "api:8080", "http://api:8080/api"),
            (read.Spans[1].ParentSpanId, read.Spans[1].Status, read.Spans[1].Attributes["server.address"], read.Spans[1].Attributes["url.full"]));
    }

    [Theory]
    [InlineData("12.5", 12_500_000)]
    [InlineData("\"12.5\"", 12_500_000)]
    [InlineData("\"00:00:01.2345678\"", 1_234_567_800)]
    [InlineData("\"1.00:00:00\"", 86_400_000_000_000)]
    public void A_duration_is_milliseconds_or_a_time_span_of_ticks(string duration, long nano)
    {
        ReadSpan span = ReadSource.Of($$"""{"time":"2026-02-26T18:00:00Z","Type":"AppRequests","OperationId":"0af7651916cd43dd8448eb211c80319c","Id":"b7ad6b7169203331","DurationMs":{{duration}}}""").Only;
        Assert.Equal(nano, span.End - span.Start);
    }

    [Fact]
    public void Properties_may_be_an_object_or_its_json_as_text_and_escapes_are_resolved()
    {
        ReadSource read = ReadSource.Of("""
            {"time":"2026-02-26T18:00:00Z","category":"Audit","Type":"AppRequests","OperationId":"0af7651916cd43dd8448eb211c80319c","Id":"b7ad6b7169203331","DurationMs":1,"Url":"http://x/?a=1\u0026b=2","Name":"a\"b","Properties":{"user.id":"p","n":null,"x":1.5,"x":2},"UserId":"u","Measurements":"{\"m\":3,\"t\":\"z\"}"}
            {"time":"2026-02-26T18:00:00Z","Type":"AppRequests","OperationId":"0af7651916cd43dd8448eb211c80319c","Id":"b7ad6b7169203331","DurationMs":1,"Properties":"{\"broken\":"}
            """);
        Assert.Empty(read.Statistics.Rejections);
        ReadSpan span = read.Spans[0];
        Assert.Equal(("http://x/?a=1&b=2", "a\"b", "u", "int64 2", "int64 3", "z"),
            (span.Attributes["url.full"], span.Name, span.Attributes["user.id"], span.Attributes["x"], span.Attributes["m"], span.Attributes["t"]));
        Assert.Equal(5, span.Attributes.Count);
        Assert.Equal("{\"broken\":", read.Spans[1].Attributes["Properties"]);
    }

    [Fact]
    public void Ids_that_are_not_hexadecimal_are_hashed_so_that_parents_are_found()
    {
        ReadSource read = ReadSource.Of("""
            {"timestamp":"2026-02-26T18:00:00Z","id":"|Zx9/root.1.","name":"a","duration":5,"itemType":"request","operation_Id":"Zx9/root","operation_ParentId":"|Zx9/root.","cloud_RoleName":"web"}
            {"timestamp":"2026-02-26T18:00:00Z","id":"|Zx9/root.1.2_","name":"b","duration":5,"itemType":"dependency","operation_Id":"Zx9/root","operation_ParentId":"|Zx9/root.1.","cloud_RoleName":"web"}
            """);
        Assert.Equal(read.Spans[0].TraceId, read.Spans[1].TraceId);
        Assert.Equal(read.Spans[0].SpanId, read.Spans[1].ParentSpanId);
        Assert.Equal("0000000000000000", read.Spans[0].ParentSpanId);
        Assert.NotEqual(read.Spans[0].SpanId, read.Spans[1].SpanId);
        Assert.Equal(read.Describe(), ReadSource.Of("""
            {"timestamp":"2026-02-26T18:00:00Z","id":"|Zx9/root.1.","name":"a","duration":5,"itemType":"request","operation_Id":"Zx9/root","operation_ParentId":"|Zx9/root.","cloud_RoleName":"web"}
            {"timestamp":"2026-02-26T18:00:00Z","id":"|Zx9/root.1.2_","name":"b","duration":5,"itemType":"dependency","operation_Id":"Zx9/root","operation_ParentId":"|Zx9/root.1.","cloud_RoleName":"web"}
            """).Describe());
    }

    [Fact]
    public void What_belongs_to_no_trace_is_rejected_with_the_reason()
    {
        ReadSource read = ReadSource.Of(string.Join('\n', Request.Trim(),
            """{"time":"2026-02-26T18:00:00Z","resourceId":"/S","Type":"AppMetrics","Name":"cpu","OperationId":"1"}""",
            """{"time":"2026-02-26T18:00:00Z","resourceId":"/S","Type":"AppTraces","Message":"starting"}""",
            """{"time":"2026-02-26T18:00:00Z","resourceId":"/S","category":"StorageRead","operationName":"GetBlob"}""",
            """{"time":"never","Type":"AppTraces","OperationId":"1"}"""));
        Assert.Single(read.Spans);
        Assert.Equal([2, 3, 4, 5], read.Statistics.Rejections.Select(r => r.Line));
        Assert.StartsWith("AppMetrics tells nothing", read.Statistics.Rejections[0].Reason, StringComparison.Ordinal);
        Assert.StartsWith("no OperationId", read.Statistics.Rejections[1].Reason, StringComparison.Ordinal);
        Assert.StartsWith("no table", read.Statistics.Rejections[2].Reason, StringComparison.Ordinal);
        Assert.StartsWith("no time", read.Statistics.Rejections[3].Reason, StringComparison.Ordinal);
    }
}
