using System.Collections.Concurrent;
using System.Diagnostics;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Aggregates;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Telemetry;
using ServerlessTrace.TestSupport;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Rules that are evaluated every minute on what all shards measured.</summary>
public sealed class SeriesRuleTests(AzuriteFixture azurite) : AlertingTest(azurite)
{
    private const string P95 = """{"kind":"window","above":"500ms","window":"1m","minimumSamples":20,"of":"traces","resolveAfter":"0s"}""";

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddTicks(TraceBuilder.Epoch / 100);

    [Fact]
    public async Task A_rule_fires_with_traces_that_explain_it_and_is_resolved()
    {
        await RuleAsync("p95", P95);
        await TakeInAsync("a", Minute(0, slow: true));
        Assert.Equal(1, await EvaluateAsync(Start.AddMinutes(1), "p95"));

        AlertNotification fired = Assert.Single(Told.Once);
        Assert.Equal((NotificationType.Firing, "shop", "ms"), (fired.Type, fired.Alert.Service, fired.Alert.Unit));
        Assert.InRange(fired.Alert.Observed, 780, 820);
        Assert.Equal(new AlertWindow(Start, Start.AddMinutes(1)), fired.Alert.Window);
        Assert.Equal(5, fired.Alert.Traces.Count);
        Assert.All(fired.Alert.Traces, trace => Assert.Equal(800, trace.DurationMs));
        Assert.Equal("shop: p95 is", fired.Alert.Summary[..12]);

        await TakeInAsync("b", Minute(1, slow: false));
        Assert.Equal(1, await EvaluateAsync(Start.AddMinutes(2), "p95"));
        AlertNotification resolved = Told.Once.Single(notification => notification.Type == NotificationType.Resolved);
        Assert.Equal(fired.Alert.AlertId, resolved.Alert.AlertId);
        Assert.Equal(fired.Id, resolved.FollowsId);

        List<LoggedTransition> log = await TransitionsAsync();
        Assert.Equal([AlertPhase.Resolved, AlertPhase.Firing], log.Select(transition => transition.To));
    }

    [Fact]
    public async Task An_evaluation_leaves_a_span()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == StorageTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await RuleAsync("p95", P95);
        await EvaluateAsync(Start.AddMinutes(1), "p95");
        Assert.Contains(spans, span => span.OperationName == "evaluate");
    }

    [Fact]
    public async Task Traces_that_explain_an_alert_are_found_among_many_that_do_not()
    {
        await RuleAsync("max", P95.Replace("window\",", "window\",\"statistic\":\"max\",", StringComparison.Ordinal));
        await TakeInAsync("a", SpanBatches.Join([.. Enumerable.Range(0, 700).Select(n => new TraceBuilder(Id(n))
            .Span(1, "shop", "GET /", n, n + (n < 7 ? 800 : 80), kind: SpanKind.Server).Flush())]));
        await EvaluateAsync(Start.AddMinutes(1), "max");

        AlertReport fired = Assert.Single(Told.Once).Alert;
        Assert.Equal([800, 800, 800, 800, 800], fired.Traces.Select(trace => (int)trace.DurationMs));
    }

    [Fact]
    public async Task A_minute_evaluated_again_or_late_tells_nothing_new()
    {
        await RuleAsync("p95", P95);
        await TakeInAsync("a", Minute(0, slow: true));
        await EvaluateAsync(Start.AddMinutes(1), "p95");
        await TakeInAsync("b", Minute(1, slow: false));
        await EvaluateAsync(Start.AddMinutes(2), "p95");
        int told = Told.Once.Count;

        Assert.Equal(0, await EvaluateAsync(Start.AddMinutes(1), "p95"));
        Assert.Equal(0, await EvaluateAsync(Start.AddMinutes(2), "p95"));
        Assert.Equal(told, Told.Once.Count);
        Assert.Equal(2, (await TransitionsAsync()).Count);
    }

    [Fact]
    public async Task What_fires_while_silenced_is_told_when_the_silence_ends()
    {
        await RuleAsync("p95", P95);
        await SilenceAsync(new Silence { Id = "night", From = Start, Until = Start.AddMinutes(2) });
        await TakeInAsync("a", SpanBatches.Join(Minute(0, slow: true), Minute(1, slow: true)));
        await EvaluateAsync(Start.AddMinutes(1), "p95");
        Assert.Empty(Told.Once);
        Assert.Equal("night", Assert.Single(await TransitionsAsync()).SilencedBy);

        await EvaluateAsync(Start.AddMinutes(2), "p95");
        Assert.Single(Told.Once);
    }

    [Fact]
    public async Task A_rule_that_is_turned_off_ends_what_fires()
    {
        await RuleAsync("p95", P95);
        await TakeInAsync("a", Minute(0, slow: true));
        await EvaluateAsync(Start.AddMinutes(1), "p95");
        Assert.True(await new RuleStore(Clients).TryDeleteAsync("p95", Azure.ETag.All, CancellationToken.None));
        await EvaluateAsync(Start.AddMinutes(2), "p95");

        Assert.Empty(await States.ReadAsync(CancellationToken.None));
        Assert.Equal(AlertPhase.Resolved, (await TransitionsAsync())[0].To);
        await AssertToldResolvedAsync();
    }

    [Fact]
    public async Task A_rule_that_is_disabled_ends_what_fires()
    {
        await RuleAsync("p95", P95);
        await TakeInAsync("a", Minute(0, slow: true));
        await EvaluateAsync(Start.AddMinutes(1), "p95");
        var rules = new RuleStore(Clients);
        StoredRule stored = (await rules.FindAsync("p95", CancellationToken.None))!;
        Assert.NotNull(await rules.TryReplaceAsync(stored.Rule with { Enabled = false }, stored.ETag, CancellationToken.None));
        await EvaluateAsync(Start.AddMinutes(2), "p95");

        Assert.Equal(AlertPhase.Resolved, (await TransitionsAsync())[0].To);
        await AssertToldResolvedAsync();
    }

    [Fact]
    public async Task What_still_fires_is_told_again_after_the_repeat_interval_unless_somebody_acknowledged_it()
    {
        await RuleAsync("p95", P95[..^1] + ""","repeatInterval":"2m"}""");
        await TakeInAsync("a", SpanBatches.Join([.. Enumerable.Range(0, 8).Select(minute => Minute(minute, slow: true))]));
        for (int minute = 1; minute <= 4; minute++)
        {
            await EvaluateAsync(Start.AddMinutes(minute), "p95");
        }

        // At minute 1, and again at minute 3.
        AlertNotification[] told = [.. Told.Once];
        Assert.Equal([Start.AddMinutes(1), Start.AddMinutes(3)], told.Select(notification => notification.Timestamp));
        Assert.Equal(told[0].Id, told[1].FollowsId);
        Assert.Single(told.Select(notification => notification.Alert.AlertId).Distinct());

        await AcknowledgeAsync("p95");
        for (int minute = 5; minute <= 8; minute++)
        {
            await EvaluateAsync(Start.AddMinutes(minute), "p95");
        }

        Assert.Equal(2, Told.Once.Count);
        Assert.Single(await TransitionsAsync());
    }

    [Fact]
    public async Task A_rule_may_group_by_an_attribute_that_is_measured()
    {
        Analysis = AnalysisOptions.Default with { MeasuredAttributes = ["region"] };
        await RuleAsync("by-region", """{"kind":"window","above":"500ms","window":"1m","minimumSamples":2,"groupBy":["service","region"],"resolveAfter":"0s"}""");
        await TakeInAsync("a", SpanBatches.Join(
        [
            .. Enumerable.Range(0, 4).Select(n => new TraceBuilder(Id(n)).Span(1, "shop", "GET /", n, n + (n < 2 ? 900 : 50)).With("region", n < 2 ? "eu" : "us").Flush()),
        ]));
        await EvaluateAsync(Start.AddMinutes(1), "by-region");

        AlertReport fired = Assert.Single(Told.Once).Alert;
        Assert.Equal(("shop", "eu"), (fired.Service, fired.Attributes["region"]));

        // A late span counts once, and the others not again.
        await TakeInAsync("b", new TraceBuilder(Id(0)).Span(2, "shop", "late", 100, 200, parent: 1).With("region", "eu").Flush());
        TraceAggregates all = await Aggregates.ReadAsync(Start, Start.AddMinutes(1), CancellationToken.None);
        Assert.Equal(3, all.Attributes.All.Where(item => item.Series is { Value: "eu", Series.Step: LatencyStep.Span }).Sum(item => item.Measures.Count.Value));
    }

    [Fact]
    public async Task A_quiet_minute_costs_five_requests_however_many_rules_there_are()
    {
        for (int n = 0; n < 10; n++)
        {
            await RuleAsync($"p95-{n}", P95.Replace("500ms", "5s", StringComparison.Ordinal));
        }

        await TakeInAsync("a", Minute(0, slow: true));
        Requests.Clear();
        await EvaluateAsync(Start.AddMinutes(1), [.. Enumerable.Range(0, 10).Select(n => $"p95-{n}")]);

        // Rules, silences, states; what was measured lies in the block of this hour, or of the one before.
        Assert.Equal(5, Requests.Count);
    }

    [Fact]
    public async Task Ids_in_the_names_of_operations_make_no_groups_of_their_own()
    {
        await RuleAsync("by-operation", P95[..^1] + ""","groupBy":["service","operation"]}""");
        await TakeInAsync("a", SpanBatches.Join([.. Enumerable.Range(0, 40).Select(n => new TraceBuilder(Id(n))
            .Span(1, "shop", $"GET /orders/{n:x8}", n, n + 800, kind: SpanKind.Server).Flush())]));
        await EvaluateAsync(Start.AddMinutes(1), "by-operation");

        AlertReport fired = Assert.Single(Told.Once).Alert;
        Assert.Equal("GET /orders/{id}", fired.Operation);
        Assert.Equal(5, fired.Traces.Count);
    }

    private async Task AcknowledgeAsync(string rule)
    {
        (RuleState state, Azure.ETag? version) = await States.ReadAsync(rule, CancellationToken.None);
        GroupState[] groups = [.. state.Groups.Select(group => group with { Acknowledged = new Acknowledgement("ada", Clock.GetUtcNow()) })];
        Assert.NotNull(await States.TryWriteAsync(state with { Groups = groups }, version, CancellationToken.None));
    }

    /// <summary>Whoever was told that it fires was told that it is over, once, however often that is evaluated.</summary>
    private async Task AssertToldResolvedAsync()
    {
        await EvaluateAsync(Start.AddMinutes(2), "p95");
        AlertNotification resolved = Told.Once.Single(notification => notification.Type == NotificationType.Resolved);
        AlertNotification fired = Told.Once.Single(notification => notification.Type == NotificationType.Firing);
        Assert.Equal((fired.Alert.AlertId, fired.Id), (resolved.Alert.AlertId, resolved.FollowsId));
        Assert.Equal(("shop", AlertSeverity.Warning, "shop: p95 was turned off"), (resolved.Alert.Service, resolved.Alert.Severity, resolved.Alert.Summary));
        Assert.Equal(2, (await TransitionsAsync()).Count);
    }

    /// <summary>Forty traces in a minute, in all shards.</summary>
    internal static SpanBatch Minute(int minute, bool slow) => SpanBatches.Join(
    [
        .. Enumerable.Range(0, 40).Select(n => new TraceBuilder(Id((minute * 40) + n))
            .Span(1, "shop", "GET /", (minute * 60_000) + n, (minute * 60_000) + n + (slow ? 800 : 80), kind: SpanKind.Server)
            .Flush()),
    ]);
}
