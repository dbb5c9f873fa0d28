using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.EndToEnd.Tests.Alerting.Webhooks;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.LocalHost;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.EndToEnd.Tests.Alerting;

/// <summary>Hosts that are killed in the middle of an evaluation.</summary>
public sealed class EvaluationCrashTests : IAsyncLifetime
{
    private const int Operations = 60;

    private readonly OwnAzurite _azurite = new();

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task A_host_killed_while_it_tells_of_what_fires_tells_of_nothing_twice()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        DateTimeOffset minute = new(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);
        minute = minute.AddMinutes(3);
        HostProcess host = await StartAsync();
        await using (host)
        {
            await PrepareAsync(host.Service, receiver.Url, minute);
            await EvaluateAsync(minute.AddMinutes(1));
            await receiver.ReceivedAsync(1);
            await host.KillAsync();
        }

        // It had decided what fires, and was about to say so.
        RuleState killed = await StateAsync();
        Assert.False(killed.IsDone);
        Assert.Equal(Operations, killed.ToTell.Count);

        await using HostProcess next = await StartAsync();
        await Eventually.GetAsync(
            () => Task.FromResult(receiver.Received), received => Ids(received).Length >= Operations, "A message of each operation", TimeSpan.FromMinutes(3));
        await Eventually.GetAsync(StateAsync, static state => state.IsDone, "An evaluation that is done", TimeSpan.FromMinutes(3));

        // Each alert is one message, known by its id, and one transition.
        Assert.Equal(Operations, Ids(receiver.Received).Length);
        Assert.Equal(Operations, receiver.Received.Select(received => received.AlertId).Distinct().Count());
        JsonArray transitions = (await next.Service.GetJsonAsync("api/alerts?rule=by-operation&limit=500"))["transitions"]!.AsArray();
        Assert.Equal(Operations, transitions.Count);
        Assert.All(transitions, transition => Assert.Equal("firing", (string)transition!["to"]!));
        Assert.Equal(
            killed.ToTell.Select(notification => notification.Alert.AlertId).Order(StringComparer.Ordinal),
            receiver.Received.Select(received => received.AlertId).Distinct().Order(StringComparer.Ordinal));
    }

    private static string[] Ids(IReadOnlyList<ReceivedWebhook> received) => [.. received.Select(message => message.Id).Distinct()];

    private Task<HostProcess> StartAsync() => _azurite.StartHostAsync([.. WebhookFixture.Environment, ("Seal__Window", "00:00:00.500")]);

    /// <summary>A rule that fires for each operation of a service, somebody who is told of it, and slow traces of a minute to come.</summary>
    private static async Task PrepareAsync(RunningService service, Uri receiver, DateTimeOffset minute)
    {
        var subscriber = new Subscriber(service);
        await subscriber.SubscribeAsync(receiver);
        (HttpStatusCode created, JsonNode? answer, _) = await subscriber.CallAsync(
            HttpMethod.Put,
            "api/alert-rules/by-operation",
            $$$"""{"kind":"window","above":"500ms","window":"1m","minimumSamples":1,"of":"traces","groupBy":["service","operation"],"match":{"service":"{{{subscriber.Service}}}"}}""");
        Assert.True(created == HttpStatusCode.Created, answer?.ToJsonString());
        await service.DropAsync("slow.ndjson", string.Concat(Enumerable.Range(0, Operations).Select(n => string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"timestamp\":\"{minute.AddSeconds(1):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\",\"service\":\"{subscriber.Service}\",\"trace_id\":\"{SpanLogs.NewTraceId()}\",\"span_id\":\"b7ad6b7169203331\",\"span_name\":\"operation {(char)('a' + (n / 26))}{(char)('a' + (n % 26))}\",\"span_kind\":\"SERVER\",\"duration_ms\":900,\"status\":\"OK\"}}\n"))));
        await Eventually.GetAsync(() => service.TracesAsync($"service={subscriber.Service}&limit=500"), found => found.Count == Operations, "All traces found");
    }

    /// <summary>Starts an evaluation as a host does, and leaves it to the host that runs.</summary>
    private async Task EvaluateAsync(DateTimeOffset end)
    {
        LocalFunctionHostOptions options = Product.Options(_azurite.ConnectionString, port: 0);
        options.FunctionClasses.Clear();
        await using LocalFunctionHost host = await LocalFunctionHost.StartAsync(options);
        await EvaluationFunctions.StartMinuteAsync(host.DurableClient, end, end.AddDays(-1), CancellationToken.None);
    }

    private async Task<RuleState> StateAsync()
    {
        var storage = new StorageClients(
            new TableServiceClient(_azurite.ConnectionString), new BlobServiceClient(_azurite.ConnectionString), new QueueServiceClient(_azurite.ConnectionString));
        return (await new StateStore(storage).ReadAsync("by-operation", CancellationToken.None)).State;
    }
}
