using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.Functions.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Who may send, however many receivers are slow.</summary>
public sealed class SubscriptionTurnsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WebhookOptions _options = new() { Timeout = TimeSpan.FromSeconds(10), ConcurrentAttempts = 4 };

    [Fact]
    public void A_receiver_gets_its_attempts_at_once_and_one_while_it_is_slow()
    {
        var turns = new SubscriptionTurns(_options, _clock);
        List<SubscriptionTurns.Turn> taken = Take(turns, "a", 10);
        Assert.Equal(4, taken.Count);

        // It is known to be slow before its attempts end.
        _clock.Advance(TimeSpan.FromSeconds(6));
        taken.ForEach(turns.Leave);
        Assert.Equal(4, Take(turns, "a", 10).Count);
        turns = new SubscriptionTurns(_options, _clock);
        turns.Note(turns.TryEnter("a")!, 6_000);
        Assert.Null(turns.TryEnter("a"));
    }

    [Fact]
    public void Slow_receivers_leave_places_to_others_however_many_they_are()
    {
        var turns = new SubscriptionTurns(_options, _clock);
        int running = Enumerable.Range(0, 200).Sum(n => Take(turns, $"slow-{n}", 4).Count);
        Assert.Equal(SubscriptionTurns.MostAtOnce, running);
        Assert.Null(turns.TryEnter("quick"));

        // Half of the timeout later all of them are known to be slow: they have places of their own.
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(4, Take(turns, "quick", 10).Count);
        Assert.Null(turns.TryEnter("slow-0"));
        Assert.Equal(4, Take(turns, "quick-too", 10).Count);
    }

    [Fact]
    public void A_receiver_that_was_slow_and_answers_soon_again_is_like_any_other()
    {
        var turns = new SubscriptionTurns(_options, _clock);
        SubscriptionTurns.Turn turn = turns.TryEnter("a")!;
        turns.Note(turn, 9_000);
        turns.Note(turn, 20);
        turns.Leave(turn);
        Assert.Equal(4, Take(turns, "a", 10).Count);
    }

    private static List<SubscriptionTurns.Turn> Take(SubscriptionTurns turns, string subscription, int wanted) =>
        [.. Enumerable.Range(0, wanted).Select(_ => turns.TryEnter(subscription)).OfType<SubscriptionTurns.Turn>()];
}
