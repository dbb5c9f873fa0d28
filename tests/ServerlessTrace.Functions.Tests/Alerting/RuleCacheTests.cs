using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Rules as instances know them that share a storage.</summary>
public sealed class RuleCacheTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    [Fact]
    public async Task What_one_instance_writes_every_other_heeds_from_the_time_that_is_told()
    {
        using RuleCache mine = NewRules();
        using RuleCache others = NewRules();
        Assert.Empty((await others.GetAsync(CancellationToken.None)).OfTraces);
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        mine.Forget();
        DateTimeOffset effective = mine.EffectiveFrom;

        Assert.Equal("slow", Assert.Single((await mine.GetAsync(CancellationToken.None)).OfTraces).Id);
        Clock.Advance(effective - Clock.GetUtcNow());
        Assert.Equal("slow", Assert.Single((await others.GetAsync(CancellationToken.None)).OfTraces).Id);

        // So it is with one that is changed.
        var store = new RuleStore(Clients);
        StoredRule stored = (await store.FindAsync("slow", CancellationToken.None))!;
        await store.TryReplaceAsync(stored.Rule with { Enabled = false }, stored.ETag, CancellationToken.None);
        Clock.Advance(mine.EffectiveFrom - Clock.GetUtcNow());
        Assert.Empty((await others.GetAsync(CancellationToken.None)).OfTraces);
    }
}
