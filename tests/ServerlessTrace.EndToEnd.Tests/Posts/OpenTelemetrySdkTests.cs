using System.Diagnostics;
using System.Text.Json.Nodes;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What real OpenTelemetry SDKs send comes out as the trace that was recorded.</summary>
public sealed class OpenTelemetrySdkTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task The_dotnet_sdk_sends_spans_that_come_out_as_the_right_trace()
    {
        string source = $"shop-{Guid.NewGuid():n}";
        using var activities = new ActivitySource(source, "2.0.1");
        string trace;
        DateTime started;
        using (TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("dotnet-shop", serviceVersion: "7.1"))
            .AddSource(source)
            .AddOtlpExporter(exporter =>
            {
                exporter.Endpoint = new Uri(Service.Http.BaseAddress!, "v1/traces");
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Headers = "x-functions-key=" + Service.Host.Keys.Function;
            })
            .Build())
        {
            using (Activity root = activities.StartActivity("POST /checkout", ActivityKind.Server)!)
            {
                trace = root.TraceId.ToHexString();
                started = root.StartTimeUtc;
                root.SetTag("order_id", "ord-dotnet");
                root.SetTag("http.response.status_code", 200);
                using (Activity call = activities.StartActivity("charge", ActivityKind.Client)!)
                {
                    call.SetTag("peer.service", "bank-of-nowhere");
                    call.AddException(new InvalidOperationException("card declined"));
                    call.SetStatus(ActivityStatusCode.Error, "card declined");
                }

                using Activity query = activities.StartActivity("select", ActivityKind.Internal)!;
            }

            Assert.True(provider.ForceFlush(10_000));
        }

        JsonObject json = await Service.TraceAsync(trace);
        Assert.Equal(3, (int)json["spanCount"]!);
        Assert.Equal("ERROR", (string)json["status"]!);
        Assert.Equal("dotnet-shop", (string)json["root"]!["service"]!);
        Assert.Equal("POST /checkout", (string)json["root"]!["operation"]!);
        Assert.Equal("ord-dotnet", (string)json["business"]!["order_id"]!);
        JsonObject[] spans = [.. json["spans"]!.AsArray().Select(span => span!.AsObject())];
        JsonObject top = Assert.Single(spans, span => span["parentSpanId"] is null);
        Assert.Equal("SERVER", (string)top["kind"]!);
        Assert.Equal(((started - DateTime.UnixEpoch).Ticks * 100).ToString(System.Globalization.CultureInfo.InvariantCulture), (string)top["startUnixNano"]!);
        JsonObject charge = Assert.Single(spans, span => (string)span["name"]! == "charge");
        Assert.Equal("CLIENT", (string)charge["kind"]!);
        Assert.Equal("ERROR", (string)charge["status"]!);
        Assert.Equal((string)top["spanId"]!, (string)charge["parentSpanId"]!);
        JsonObject error = json["errors"]!.AsArray()[0]!.AsObject();
        Assert.Contains("card declined", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proto", "none")]
    [InlineData("proto", "gzip")]
    [InlineData("http", "none")]
    [InlineData("http", "gzip")]
    public async Task The_node_exporters_send_spans_that_come_out_as_the_right_trace(string encoding, string compression)
    {
        JsonObject sent = await NodeExporters.SendAsync(
            new Uri(Service.Http.BaseAddress!, "v1/traces"), Service.Host.Keys.Function, encoding, compression);

        Assert.Equal("success", (string)Assert.Single(sent["answers"]!.AsArray())!);
        JsonObject json = await Service.TraceAsync((string)sent["traceId"]!);
        Assert.Equal(2, (int)json["spanCount"]!);
        Assert.Equal("node-shop", (string)json["root"]!["service"]!);
        Assert.Equal("POST /checkout", (string)json["root"]!["operation"]!);
        Assert.Equal("ord-node", (string)json["business"]!["order_id"]!);
        JsonObject error = json["errors"]!.AsArray()[0]!.AsObject();
        Assert.Equal("charge", (string)error["operation"]!);
        Assert.Contains("card declined", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_node_exporter_is_told_that_its_key_is_wrong()
    {
        JsonObject sent = await NodeExporters.SendAsync(new Uri(Service.Http.BaseAddress!, "v1/traces"), "wrong", "proto", "none");

        Assert.Contains("Unauthorized", (string)Assert.Single(sent["answers"]!.AsArray())!, StringComparison.OrdinalIgnoreCase);
    }
}
