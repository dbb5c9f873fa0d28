using System.Text.Json.Nodes;
using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Rules.Windows;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>Alert rules as JSON, each with its version as an entity tag.</summary>
public sealed class AlertRulesFunctions(RuleStore rules, RuleCache cache, AnalysisOptions analysis)
{
    /// <summary>Rules that there may be: each is looked at for every trace, or every minute.</summary>
    private const int MostRules = 500;

    /// <summary>All rules in order of their ids, each with its tag.</summary>
    [Function("ListAlertRules")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/alert-rules")] HttpRequest request, CancellationToken cancellationToken)
    {
        var list = new JsonArray();
        foreach (StoredRule stored in await rules.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            JsonNode rule = JsonNode.Parse(RuleDocument.Write(stored.Rule))!;
            rule["etag"] = EntityTag.Of(stored.ETag);
            list.Add(rule);
        }

        return AlertJson.Answer(new JsonObject { ["rules"] = list });
    }

    /// <summary>One rule.</summary>
    [Function("GetAlertRule")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/alert-rules/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await rules.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } stored ? Answer(request, stored.Rule, stored.ETag, StatusCodes.Status200OK) : NoRule();
    }

    /// <summary>Creates or replaces a rule; <c>If-Match</c> and <c>If-None-Match: *</c> are heeded.</summary>
    [Function("PutAlertRule")]
    public async Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/alert-rules/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await AlertJson.ReadBodyAsync(request, RuleDocument.MaxBytes, cancellationToken).ConfigureAwait(false) is not { } body)
        {
            return Problem.BadRequest($"A rule has up to {RuleDocument.MaxBytes} bytes.");
        }

        (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(body, id);
        if (rule is null)
        {
            return AlertJson.Invalid("rule", problems);
        }

        if (rule is SeriesRule { Attribute: { } attribute } && !analysis.Measures(attribute))
        {
            return AlertJson.Invalid("rule", [$"Latency is not measured by '{attribute}': list it in the setting Latency:Attributes first."]);
        }

        StoredRule? current = await rules.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (EntityTag.Check(request, current?.ETag) is { } refused)
        {
            return refused;
        }

        if (current is null && (await rules.ReadAsync(cancellationToken).ConfigureAwait(false)).Count >= MostRules)
        {
            return Problem.Conflict($"There are {MostRules} rules already, which is the most there may be.");
        }

        ETag? written = current is null
            ? await rules.TryAddAsync(rule, cancellationToken).ConfigureAwait(false)
            : await rules.TryReplaceAsync(rule, current.ETag, cancellationToken).ConfigureAwait(false);
        cache.Forget();
        if (written is not { } version)
        {
            return Changed();
        }

        AlertJson.TellWhen(request, cache.EffectiveFrom);
        return Answer(request, rule, version, current is null ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>Deletes a rule; <c>If-Match</c> is heeded. What fires of it ends with the next evaluation, and that is told.</summary>
    [Function("DeleteAlertRule")]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/alert-rules/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await rules.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } current)
        {
            return NoRule();
        }

        if (EntityTag.Check(request, current.ETag) is { } refused)
        {
            return refused;
        }

        bool deleted = await rules.TryDeleteAsync(id, current.ETag, cancellationToken).ConfigureAwait(false);
        cache.Forget();
        if (!deleted)
        {
            return Changed();
        }

        AlertJson.TellWhen(request, cache.EffectiveFrom);
        return Results.NoContent();
    }

    private static IResult Answer(HttpRequest request, AlertRule rule, ETag version, int status)
    {
        EntityTag.Set(request, version);
        return Results.Text(RuleDocument.Write(rule), "application/json; charset=utf-8", status);
    }

    private static IResult NoRule() => Problem.NotFound("No alert rule has this id.");

    private static IResult Changed() => Problem.PreconditionFailed("Somebody else changed it at the same time. Read it again and decide anew.");
}
