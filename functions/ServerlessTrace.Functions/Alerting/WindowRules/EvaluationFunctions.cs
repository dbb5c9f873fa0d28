using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting.WindowRules;

/// <summary>The orchestration that evaluates series rules on one minute, what starts it, and its activities.</summary>
public sealed class EvaluationFunctions(RuleCache rules, StateStore states, SeriesEvaluation evaluation, AlertOptions options, TimeProvider clock)
{
    /// <summary>Rules that are evaluated on the same read of what was measured.</summary>
    private const int RulesPerBatch = 50;

    /// <summary>Every minute: starts the evaluation of the minute that has just ended. Its id is the minute, so that a repeat starts nothing twice.</summary>
    [Function("EvaluateAlertRules")]
    public async Task StartAsync(
        [TimerTrigger("0 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        if ((await FindAsync(cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return;
        }

        // A timer may fire a little early.
        DateTimeOffset now = clock.GetUtcNow() + TimeSpan.FromSeconds(1);
        DateTimeOffset end = new(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        await StartMinuteAsync(durable, end, end + options.Delay, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the evaluation of a minute, unless it was.</summary>
    public static async Task StartMinuteAsync(DurableTaskClient durable, DateTimeOffset end, DateTimeOffset notBefore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        string instance = string.Create(CultureInfo.InvariantCulture, $"alerts-{end.ToUnixTimeSeconds() / 60}");
        OrchestrationMetadata? known = await durable.GetInstanceAsync(instance, cancellationToken).ConfigureAwait(false);
        if (known is null)
        {
            var minute = new EvaluateMinute(end.ToUnixTimeMilliseconds(), notBefore.ToUnixTimeMilliseconds());
            await InstanceStart.EnsureAsync(durable, OrchestrationNames.EvaluateAlertRules, instance, minute, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the minute's traces are sealed, and evaluates all rules on it, many at a time.</summary>
    [Function(OrchestrationNames.EvaluateAlertRules)]
    public static async Task EvaluateAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        EvaluateMinute minute = context.GetInput<EvaluateMinute>() ?? throw new InvalidOperationException("An evaluation needs its minute as input.");
        await context.WaitAboutAsync(minute.NotBeforeUnixMs);
        string[] ids = await context.CallActivityAsync<string[]>(OrchestrationNames.FindAlertRules, minute, ActivityRetries.Short);
        await Task.WhenAll(ids.Chunk(RulesPerBatch).Select(batch =>
            context.CallActivityAsync<int>(OrchestrationNames.EvaluateAlertRuleBatch, new EvaluateRules(batch, minute.EndUnixMs), ActivityRetries.Short)));
    }

    /// <summary>Waits out the rest until the minute may be evaluated. The ids of the rules that are on, and of those that are not any more but left something behind.</summary>
    [Function(OrchestrationNames.FindAlertRules)]
    public async Task<string[]> FindRulesAsync([ActivityTrigger] EvaluateMinute minute, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(minute);
        await clock.WaitUntilAsync(minute.NotBeforeUnixMs, cancellationToken).ConfigureAwait(false);
        return [.. await FindAsync(cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>Evaluates rules; returns how many transitions they made.</summary>
    [Function(OrchestrationNames.EvaluateAlertRuleBatch)]
    public Task<int> EvaluateRulesAsync(
        [ActivityTrigger] EvaluateRules input, [DurableClient] DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        return evaluation.EvaluateAsync(input.Rules, DateTimeOffset.FromUnixTimeMilliseconds(input.EndUnixMs), durable, cancellationToken);
    }

    private async Task<IReadOnlyCollection<string>> FindAsync(CancellationToken cancellationToken)
    {
        RuleSnapshot snapshot = await rules.GetAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<string, (RuleState State, Azure.ETag)> known = await states.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. snapshot.OfSeries.Select(rule => rule.Id).Union(known.Keys).Where(RuleId.IsValid).Order(StringComparer.Ordinal)];
    }
}
