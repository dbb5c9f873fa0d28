using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Alerting.State;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>What is pending and firing, and all that happened before.</summary>
public sealed class AlertsFunctions(StateStore states, AlertLog log, TimeProvider clock)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;
    private const int MostBytes = 4096;
    private const int LongestText = 256;

    /// <summary>Transitions that one page looks at, so that a rare filter answers in bounded time; the next page goes on from there.</summary>
    private const int LookedAt = 5_000;

    /// <summary>Series rules' alerts that are pending or firing now, and the transitions of all alerts, newest first: <c>rule, service, limit, cursor</c>.</summary>
    [Function("ListAlerts")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/alerts")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        int limit = DefaultLimit;
        if (request.Query["limit"].ToString() is { Length: > 0 } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            return Problem.BadRequest($"'limit' must be a number from 1 to {MaxLimit}.");
        }

        string? cursor = request.Query["cursor"];
        if (cursor is not null && !AlertLog.IsKey(cursor))
        {
            return Problem.BadRequest("'cursor' must be the 'nextCursor' of an earlier answer.");
        }

        (string? rule, string? service) = (request.Query["rule"], request.Query["service"]);
        var active = new List<ActiveAlert>();
        foreach ((RuleState state, _) in (await states.ReadAsync(cancellationToken).ConfigureAwait(false)).Values)
        {
            active.AddRange(state.Groups
                .Where(group => group.IsActive && (rule is null || rule == state.Rule) && (service is null || service == group.Group.Service))
                .Select(group => ActiveAlert.Of(state.Rule, group)));
        }

        (List<LoggedTransition> page, string? next) = await ReadPageAsync(cursor, limit, rule, service, cancellationToken).ConfigureAwait(false);
        return AlertJson.Answer(new AlertListResponse([.. active.OrderByDescending(alert => alert.Since)], page, next));
    }

    /// <summary>Somebody knows of a firing alert: it is not told of again while it fires. The body, <c>{"by": …, "comment": …}</c>, may be left out.</summary>
    [Function("AcknowledgeAlert")]
    public async Task<IResult> AcknowledgeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/alerts/{id}/acknowledge")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await ReadAcknowledgementAsync(request, cancellationToken).ConfigureAwait(false) is not { } acknowledgement)
        {
            return Problem.BadRequest($"The body is a JSON object such as {{\"by\": \"ada\", \"comment\": \"on it\"}}, with texts of up to {LongestText} characters, or empty.");
        }

        foreach (string rule in (await states.ReadAsync(cancellationToken).ConfigureAwait(false)).Keys)
        {
            if (await TryAcknowledgeAsync(rule, id, acknowledgement, cancellationToken).ConfigureAwait(false) is { } acknowledged)
            {
                return AlertJson.Answer(acknowledged);
            }
        }

        return Problem.NotFound("No alert with this id is firing now.");
    }

    private async Task<(List<LoggedTransition> Page, string? Next)> ReadPageAsync(
        string? cursor, int limit, string? rule, string? service, CancellationToken cancellationToken)
    {
        var page = new List<LoggedTransition>();
        int looked = 0;
        await foreach ((string key, LoggedTransition transition) in log.ReadAsync(cursor, cancellationToken).ConfigureAwait(false))
        {
            if ((rule is null || rule == transition.Rule) && (service is null || service == transition.Group.Service))
            {
                page.Add(transition);
            }

            if (page.Count == limit || ++looked == LookedAt)
            {
                return (page, key);
            }
        }

        return (page, null);
    }

    private async Task<ActiveAlert?> TryAcknowledgeAsync(string rule, string alert, Acknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        while (true)
        {
            (RuleState state, ETag? version) = await states.ReadAsync(rule, cancellationToken).ConfigureAwait(false);
            GroupState? firing = state.Groups.FirstOrDefault(group => group.AlertId == alert && group.Phase == AlertPhase.Firing);
            if (firing is null)
            {
                return null;
            }

            GroupState acknowledged = firing with { Acknowledged = acknowledgement };
            RuleState next = state with { Groups = [.. state.Groups.Select(group => group == firing ? acknowledged : group)] };
            if (await states.TryWriteAsync(next, version, cancellationToken).ConfigureAwait(false) is not null)
            {
                return ActiveAlert.Of(rule, acknowledged);
            }
        }
    }

    private async Task<Acknowledgement?> ReadAcknowledgementAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (await AlertJson.ReadBodyAsync(request, MostBytes, cancellationToken).ConfigureAwait(false) is not { } body)
        {
            return null;
        }

        try
        {
            JsonObject? read = body.Length == 0 ? [] : JsonNode.Parse(body.Span) as JsonObject;
            string by = (string?)read?["by"] ?? string.Empty;
            string? comment = (string?)read?["comment"];
            return read is null || by.Length > LongestText || comment?.Length > LongestText ? null : new Acknowledgement(by, clock.GetUtcNow(), comment);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
