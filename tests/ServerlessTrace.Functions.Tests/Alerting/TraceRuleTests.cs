using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Rules that look at traces as they are sealed.</summary>
public sealed class TraceRuleTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    [Fact]
    public async Task A_trace_fires_its_rule_once_whatever_its_revisions()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms","severity":"critical","match":{"service":"orders"}}""");
        await TakeInAsync("a", SpanBatches.Join(SpanBatches.Complete(Id(0)), Quick(Id(1))));

        AlertNotification told = Assert.Single(Told.Once);
        Assert.Equal(NotificationType.Firing, told.Type);
        Assert.Equal((100, 90, "ms"), (told.Alert.Observed, told.Alert.Threshold, told.Alert.Unit));
        Assert.Equal(("gateway", "GET /orders"), (told.Alert.Service, told.Alert.Operation));
        AlertTrace trace = Assert.Single(told.Alert.Traces);
        Assert.Equal((Id(0).ToString(), 100), (trace.TraceId, trace.DurationMs));
        Assert.StartsWith($"https://traces.example.com/api/shared/traces/{Id(0)}/report?expires=", trace.ReportUrl, StringComparison.Ordinal);

        await TakeInAsync("b", new TraceBuilder(Id(0)).Span(9, "orders", "late", 50, 250, parent: 1).Flush());
        await TakeInAsync("c", new TraceBuilder(Id(0)).Span(8, "orders", "later", 50, 350, parent: 1).Flush());
        Assert.Single(Told.Once);
        Assert.Single(await TransitionsAsync());
    }

    [Fact]
    public async Task A_late_span_that_makes_a_trace_slow_fires_the_rule_then()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"200ms"}""");
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        Assert.Empty(Told.Once);

        await TakeInAsync("b", new TraceBuilder(Id(0)).Span(9, "orders", "late", 50, 250, parent: 1).Flush());
        Assert.Equal(250, Assert.Single(Told.Once).Alert.Observed);
    }

    [Fact]
    public async Task A_late_part_alone_is_not_taken_for_the_trace()
    {
        await RuleAsync("gone", """{"kind":"missing-span"}""");
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        await TakeInAsync("b", new TraceBuilder(Id(0)).Span(9, "orders", "late", 50, 60, parent: 1).Flush());

        Assert.Empty(Told.Once);
    }

    [Fact]
    public async Task Where_no_rule_matches_storage_is_asked_for_nothing_but_the_rules()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"1h"}""");
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));

        Assert.DoesNotContain(Requests.Requests, IsOfAlerts);
        Assert.Equal(2, Requests.Requests.Count(request => request.Contains("AlertRules()", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_rule_that_matches_everything_tells_of_few_traces_and_then_how_many_more_there_are()
    {
        await RuleAsync("storm", """{"kind":"trace-duration","over":"1ms","limit":{"notifications":5,"interval":"1d"}}""");
        await TakeInAsync("a", SpanBatches.Join([.. Enumerable.Range(0, 400).Select(n => Slow("shop", n)), .. Enumerable.Range(400, 30).Select(n => Slow("bank", n))]));

        Assert.Equal(5, Told.Once.Count);
        Assert.Single(Started.Inputs);
        Assert.Equal(425, await TellRestAsync());
        Assert.Equal(425, await TellRestAsync());
        AlertNotification[] rest = [.. Told.Once.Where(notification => notification.Alert.Unit == "1").OrderBy(notification => notification.Alert.Observed)];
        Assert.Equal(["bank", "shop"], rest.Select(notification => notification.Alert.Service!));
        Assert.Equal(425, rest.Sum(notification => notification.Alert.Observed));
        Assert.StartsWith($"shop: {rest[1].Alert.Observed} more traces from ", rest[1].Alert.Summary, StringComparison.Ordinal);
        Assert.Equal([499, 498, 497, 496, 495], rest[1].Alert.Traces.Select(trace => (int)trace.DurationMs));
        Assert.Empty(Told.Changed);

        // All are listed, and how many each speaks for.
        List<LoggedTransition> all = await TransitionsAsync();
        Assert.Equal(432, all.Count);
        Assert.All(rest, notification =>
        {
            LoggedTransition listed = all.Single(transition => transition.AlertId == notification.Alert.AlertId);
            Assert.Equal(listed.Count, all.Count(transition => transition.GroupedInto == notification.Alert.AlertId));
        });

        // A trace that is sealed again is told of and counted no second time; a new one is one more.
        await TakeInAsync("b", SpanBatches.Join(new TraceBuilder(Id(7)).Span(9, "shop", "late", 50, 950, parent: 1).Flush(), Slow("shop", 430)));
        Assert.Equal(426, await TellRestAsync());
        Assert.Equal(7, Told.Once.Count);
    }

    [Fact]
    public async Task A_rule_that_matches_everything_asks_storage_for_little()
    {
        await RuleAsync("storm", """{"kind":"trace-duration","over":"1ms","limit":{"notifications":5,"interval":"1d"}}""");
        await WriteAsync("a", SpanBatches.Join([.. Enumerable.Range(0, 1_600).Select(n => Slow("shop", n))]));
        Requests.Clear();
        await SealWatchedAsync();

        // A hundred traces a shard: noted, ticked off and listed in a transaction each; who may speak is read, and at first written.
        Assert.InRange(Requests.Requests.Count(IsOfAlerts), 1, 16 * 4 + 4);
    }

    [Fact]
    public async Task A_match_costs_four_writes()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        Requests.Clear();
        await TakeInAsync("b", SpanBatches.Complete(Id(1)));

        string[] asked = [.. Requests.Requests.Where(IsOfAlerts)];
        Assert.Equal(4, asked.Count(request => request.Contains("/TraceAlerts", StringComparison.Ordinal)));
        Assert.Single(asked, request => request.Contains("/Alerts", StringComparison.Ordinal));

        // A new process also reads the key that links are signed with, once.
        Assert.Single(asked, request => request.Contains("/LinkKeys", StringComparison.Ordinal));
        Assert.Equal(6, asked.Length);
    }

    [Fact]
    public async Task What_is_silenced_is_listed_and_not_told()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await SilenceAsync(new Silence { Id = "deploy", Rule = "slow", From = Clock.GetUtcNow(), Until = Clock.GetUtcNow().AddMinutes(1) });
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        Assert.Empty(Told.Once);
        Assert.Equal("deploy", Assert.Single(await TransitionsAsync()).SilencedBy);

        Clock.Advance(TimeSpan.FromMinutes(2));
        await TakeInAsync("b", SpanBatches.Complete(Id(1)));
        Assert.Equal(Id(1).ToString(), Assert.Single(Told.Once).Alert.Traces[0].TraceId);
    }

    [Fact]
    public async Task Of_a_group_the_first_trace_is_told_and_speaks_for_the_others()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms","group":{"by":["service"],"interval":"1h"}}""");
        for (int n = 0; n < 3; n++)
        {
            await TakeInAsync($"s{n}", SpanBatches.Complete(Id(n)));
        }

        AlertNotification told = Assert.Single(Told.Once);
        List<LoggedTransition> all = await TransitionsAsync();
        Assert.Equal(3, all.Count);
        Assert.Equal(2, all.Count(transition => transition.GroupedInto == told.Alert.AlertId));
    }

    [Fact]
    public async Task A_firing_window_rule_on_the_service_speaks_for_its_traces()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await RuleAsync("p95", """{"kind":"window","above":"90ms","window":"1m","minimumSamples":1,"of":"traces"}""");
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        await EvaluateAsync(DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100).AddMinutes(1), "p95");
        Assert.Equal(2, Told.Once.Count);

        await TakeInAsync("b", SpanBatches.Complete(Id(1)));
        Assert.Equal(2, Told.Once.Count);
        Assert.Equal("p95", (await TransitionsAsync()).Single(transition => transition.Traces.Any(trace => trace.TraceId == Id(1).ToString()) && transition.Rule == "slow").InhibitedBy);
    }

    [Theory]
    [InlineData("staging", "production", 1)]
    [InlineData("production", "production", 0)]
    public async Task A_window_rule_that_fires_in_one_environment_speaks_for_no_other(string firing, string sealedIn, int told)
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await RuleAsync("p95", """{"kind":"window","above":"90ms","window":"1m","minimumSamples":1,"of":"traces","groupBy":["service","environment"]}""");
        await TakeInAsync("a", In(firing, Id(0)));
        await EvaluateAsync(DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100).AddMinutes(1), "p95");
        int before = Told.Once.Count;

        await TakeInAsync("b", In(sealedIn, Id(1)));
        Assert.Equal(told, Told.Once.Count - before);

        static SpanBatch In(string environment, TraceId id) => new TraceBuilder(id).Span(1, "orders", "load", 0, 100, kind: SpanKind.Server)
            .With("deployment.environment", environment, AttributeScope.Resource).Flush();
    }

    [Fact]
    public async Task What_fires_silently_speaks_for_nothing()
    {
        await RuleAsync("slow", """{"kind":"trace-duration","over":"90ms"}""");
        await RuleAsync("p95", """{"kind":"window","above":"90ms","window":"1m","minimumSamples":1,"of":"traces"}""");
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100);
        await SilenceAsync(new Silence { Id = "quiet", Rule = "p95", From = start, Until = start.AddDays(1) });
        await TakeInAsync("a", SpanBatches.Complete(Id(0)));
        await EvaluateAsync(start.AddMinutes(1), "p95");

        await TakeInAsync("b", SpanBatches.Complete(Id(1)));
        Assert.Equal(2, Told.Once.Count);
    }

    private static SpanBatch Slow(string service, int n) => new TraceBuilder(Id(n)).Span(1, service, "load", 0, 100 + (n % 400), kind: SpanKind.Server).Flush();

    private static SpanBatch Quick(TraceId id) => new TraceBuilder(id).Span(1, "orders", "load", 0, 10, kind: SpanKind.Server).Flush();

    private static bool IsOfAlerts(string request) =>
        (request.Contains("Alert", StringComparison.Ordinal) || request.Contains("LinkKeys", StringComparison.Ordinal)) && !request.Contains("AlertRules", StringComparison.Ordinal);
}
