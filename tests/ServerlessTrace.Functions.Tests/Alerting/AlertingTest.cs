using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Alerting;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.Functions.Api.Links;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Secrets;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>A test of alerts on real storage: what a new process of the service does, and who is told.</summary>
public abstract class AlertingTest(AzuriteFixture azurite) : StorageTest(azurite)
{
    internal ToldNotifications Told { get; } = new();

    internal StartedInstances Started { get; } = new();

    internal AlertLog Log => new(Clients);

    internal StateStore States => new(Clients);

    internal async Task RuleAsync(string id, string json) =>
        Assert.NotNull(await new RuleStore(Clients).TryAddAsync(RuleDocument.Read(Encoding.UTF8.GetBytes(json), id).Rule!, CancellationToken.None));

    internal Task SilenceAsync(Silence silence) => new SilenceStore(Clients).WriteAsync(silence, CancellationToken.None);

    /// <summary>Stores spans and seals them, with trace rules looking on.</summary>
    internal async Task TakeInAsync(string source, SpanBatch batch)
    {
        await WriteAsync(source, batch);
        await SealWatchedAsync();
    }

    /// <summary>Seals what is open, as a new process does.</summary>
    internal async Task SealWatchedAsync()
    {
        Clock.Advance(TimeSpan.FromSeconds(11));
        TraceAlerts alerts = NewAlerts();
        ShardSealer sealer = NewSealer();
        foreach (OpenShard shard in await Chunks.ReadOpenShardsAsync(CancellationToken.None))
        {
            await sealer.SealAsync(shard.Shard, Clock.GetUtcNow(), alerts.Watcher(Started), CancellationToken.None);
        }
    }

    /// <summary>Evaluates rules on a minute, as a new process does.</summary>
    internal async Task<int> EvaluateAsync(DateTimeOffset end, params string[] ids)
    {
        using RuleCache rules = NewRules();
        var evaluation = new SeriesEvaluation(
            rules, States, new SeriesReader(Aggregates), new Exemplars(Search), Log, Handover(), NullLogger<SeriesEvaluation>.Instance);
        return await evaluation.EvaluateAsync(ids, end, Started, CancellationToken.None);
    }

    /// <summary>Does what the orchestrations do that were started to tell the rest of an interval, once it is over; returns how many traces that is.</summary>
    internal async Task<int> TellRestAsync()
    {
        int told = 0;
        foreach (AlertInterval interval in Started.Inputs.OfType<AlertInterval>())
        {
            told += await new RestOfAlerts(Log, Handover()).TellAsync(interval, Started, CancellationToken.None);
        }

        return told;
    }

    internal async Task<List<LoggedTransition>> TransitionsAsync()
    {
        var all = new List<LoggedTransition>();
        await foreach ((_, LoggedTransition transition) in Log.ReadAsync(null, CancellationToken.None))
        {
            all.Add(transition);
        }

        return all;
    }

    internal static TraceId Id(int n) => SpanBatches.IdIn(n % Shard.Count, n / Shard.Count);

    internal TraceAlerts NewAlerts()
    {
        RuleCache rules = NewRules();
        return new TraceAlerts(rules, new TraceAlertStore(Clients), new FiringServices(States, rules, Clock), Log, Handover(), Clock);
    }

    internal RuleCache NewRules() => new(new RuleStore(Clients), new SilenceStore(Clients), Clock);

    private NotificationHandover Handover()
    {
        var links = new LinkOptions { PublicUrl = "https://traces.example.com" };
        return new NotificationHandover(
            [Told], new SignedLinks(new LinkKeyStore(Clients), new ServiceAddress(links, new ConfigurationBuilder().Build(), []), links, Clock));
    }
}
