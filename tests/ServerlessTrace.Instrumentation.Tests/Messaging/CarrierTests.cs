using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Blobs;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Instrumentation.Work;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Instrumentation.Tests.Messaging;

/// <summary>Context over what has no headers of HTTP's kind, on real storage where there is one.</summary>
public sealed class CarrierTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>
{
    private static readonly PropagationContext Context =
        Contexts.Of(state: "congo=t61rcWkgMzE", baggage: [("correlation_id", "tx-123456"), ("order_id", "ord-789")]);

    [Fact]
    public void The_envelope_is_the_references()
    {
        JsonNode message = JsonNode.Parse(MessageEnvelope.Wrap(BinaryData.FromString("""{"order_id":"ord-789","amount":99.99}"""), Context))!;

        Assert.Equal(Contexts.Parent, (string)message["headers"]!["traceparent"]!);
        Assert.Equal("congo=t61rcWkgMzE", (string)message["headers"]!["tracestate"]!);
        Assert.Equal("tx-123456", (string)message["headers"]!["correlation_id"]!);
        Assert.Equal(99.99, (double)message["body"]!["amount"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_envelope_is_read_plain_and_in_base64(bool inBase64)
    {
        BinaryData message = MessageEnvelope.Wrap(BinaryData.FromString("[1]"), Context);

        MessageEnvelope read = MessageEnvelope.Read(inBase64 ? BinaryData.FromString(Convert.ToBase64String(message)) : message);

        AssertSame(Context, read.Context);
        Assert.Equal("[1]", read.Body.ToString());
    }

    [Theory]
    [InlineData("plain text")]
    [InlineData("""{"order_id":"ord-789"}""")]
    [InlineData("""{"headers":"none","body":1}""")]
    [InlineData("""{"headers":{"traceparent":1},"bodies":1}""")]
    [InlineData("""{"headers":{"trace""")]
    [InlineData("42")]
    [InlineData("abcd")]
    [InlineData("")]
    public void A_message_that_is_no_envelope_is_its_own_body(string message)
    {
        MessageEnvelope read = MessageEnvelope.Read(BinaryData.FromString(message));

        Assert.Equal(("none", message), (read.Context.Text(), read.Body.ToString()));
    }

    [Theory]
    [InlineData("""{"headers":{"traceparent":"nonsense"},"body":7}""")]
    [InlineData("""{"headers":{"traceparent":null,"baggage":[]},"body":7}""")]
    [InlineData("""{"headers":{},"body":7}""")]
    [InlineData($$"""{"headers":{"traceparent":"{{Contexts.Parent}}","Traceparent":"{{Contexts.Parent}}"},"body":7}""")]
    public void Broken_headers_harm_no_message(string message)
    {
        MessageEnvelope read = MessageEnvelope.Read(BinaryData.FromString(message));

        Assert.Equal(("none", "7"), (read.Context.Text(), read.Body.ToString()));
    }

    [Property]
    public Property Any_bytes_are_a_message() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), bytes => MessageEnvelope.Read(BinaryData.FromBytes(bytes ?? [])).Context.Text() == "none");

    [Fact]
    public async Task A_message_of_a_real_queue_continues_the_senders_trace()
    {
        using var spans = new Spans();
        QueueClient queue = storage.Queues.GetQueueClient(AzuriteFixture.NewName());
        await queue.CreateAsync();
        using (WorkContext.Continue(Context, "place order"))
        {
            await queue.SendWithContextAsync(BinaryData.FromString("""{"order_id":"ord-789"}"""));
        }

        QueueMessage message = (await queue.ReceiveMessageAsync()).Value;
        MessageEnvelope envelope = MessageEnvelope.Read(message.Body);
        using (ContinuedWork work = envelope.Context.ProcessMessage(queue.Name))
        {
            Assert.Equal("tx-123456", CorrelationScope.CorrelationId);
            Assert.Equal("ord-789", work.Span!.GetTagItem("order_id"));
        }

        Assert.Null(CorrelationScope.CorrelationId);
        Assert.Equal("""{"order_id":"ord-789"}""", envelope.Body.ToString());
        Activity sent = spans.Single($"send {queue.Name}");
        Activity processed = spans.Single($"process {queue.Name}");
        Assert.Equal((Contexts.Trace, sent.SpanId), (processed.TraceId.ToHexString(), processed.ParentSpanId));
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer), (sent.Kind, processed.Kind));
        Assert.Equal(spans.Single("place order").SpanId, sent.ParentSpanId);
    }

    [Fact]
    public async Task A_send_that_fails_is_a_failed_span()
    {
        using var spans = new Spans();
        QueueClient queue = storage.Queues.GetQueueClient(AzuriteFixture.NewName());

        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => queue.SendWithContextAsync(BinaryData.FromString("1")));

        Assert.Equal(ActivityStatusCode.Error, spans.Single($"send {queue.Name}").Status);
    }

    [Fact]
    public void Application_properties_carry_context_in_texts_and_bytes_and_replace_an_old_one()
    {
        Dictionary<string, object> properties = new() { ["kind"] = 7, ["Diagnostic-Id"] = "old", ["traceparent"] = "old" };
        properties.InjectContext(Context);

        AssertSame(Context, properties.ExtractContext());
        AssertSame(Context, properties.ToDictionary(entry => entry.Key, entry => entry.Value is string text ? System.Text.Encoding.UTF8.GetBytes(text) : entry.Value).ExtractContext());
        Assert.False(properties.ContainsKey("Diagnostic-Id"));
        Assert.Equal(7, properties["kind"]);
    }

    [Fact]
    public void What_azures_own_clients_write_is_read()
    {
        Assert.StartsWith(Contexts.Trace, new Dictionary<string, object> { ["Diagnostic-Id"] = Contexts.Parent }.ExtractContext().Text(), StringComparison.Ordinal);
        Assert.Equal("none", new Dictionary<string, object> { ["Diagnostic-Id"] = "|abc.1." }.ExtractContext().Text());
    }

    [Fact]
    public async Task Metadata_of_a_real_blob_carries_context()
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(AzuriteFixture.NewName());
        await container.CreateAsync();
        BlobClient blob = container.GetBlobClient("orders.json");
        Dictionary<string, string> metadata = new() { ["Owner"] = "shop", ["TraceParent"] = "old" };
        metadata.InjectContext(Context);
        await blob.UploadAsync(BinaryData.FromString("[]"), new BlobUploadOptions { Metadata = metadata });

        BlobProperties properties = await blob.GetPropertiesAsync();

        AssertSame(Context, properties.Metadata.ExtractContext());
        Assert.Equal(1, properties.Metadata.Keys.Count(name => string.Equals(name, "traceparent", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal("none", new Dictionary<string, string> { ["traceparent"] = "broken" }.ExtractContext().Text());
    }

    private static void AssertSame(PropagationContext expected, PropagationContext actual)
    {
        Assert.Equal(expected.Text(), actual.Text());
        Assert.Equal(expected.ActivityContext.TraceState, actual.ActivityContext.TraceState);
        Assert.Equal(
            JsonSerializer.Serialize(expected.Baggage.GetBaggage().OrderBy(entry => entry.Key)),
            JsonSerializer.Serialize(actual.Baggage.GetBaggage().OrderBy(entry => entry.Key)));
    }
}
