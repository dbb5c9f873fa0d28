using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Core.Alerting.Rules.Json;
using ServerlessTrace.Core.Alerting.Silences;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>Silences: alerts that match are evaluated and listed for a time, but nobody is told.</summary>
public sealed class SilencesFunctions(SilenceStore silences, RuleCache cache, TimeProvider clock)
{
    /// <summary>All silences in order of their ids.</summary>
    [Function("ListSilences")]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/silences")] HttpRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<Silence> all = await silences.ReadAsync(cancellationToken).ConfigureAwait(false);
        return AlertJson.Answer(new JsonObject { ["silences"] = new JsonArray([.. all.Select(silence => JsonNode.Parse(RuleDocument.Write(silence)))]) });
    }

    /// <summary>Creates or replaces a silence.</summary>
    [Function("PutSilence")]
    public async Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/silences/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await AlertJson.ReadBodyAsync(request, RuleDocument.MaxBytes, cancellationToken).ConfigureAwait(false) is not { } body)
        {
            return Problem.BadRequest($"A silence has up to {RuleDocument.MaxBytes} bytes.");
        }

        (Silence? silence, IReadOnlyList<string> problems) = RuleDocument.ReadSilence(body, id, clock.GetUtcNow());
        if (silence is null)
        {
            return AlertJson.Invalid("silence", problems);
        }

        await silences.WriteAsync(silence, cancellationToken).ConfigureAwait(false);
        cache.Forget();
        AlertJson.TellWhen(request, cache.EffectiveFrom);
        return Results.Text(RuleDocument.Write(silence), "application/json; charset=utf-8", StatusCodes.Status200OK);
    }

    /// <summary>Ends a silence before its time.</summary>
    [Function("DeleteSilence")]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/silences/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!await silences.DeleteAsync(id, cancellationToken).ConfigureAwait(false))
        {
            return Problem.NotFound("No silence has this id.");
        }

        cache.Forget();
        AlertJson.TellWhen(request, cache.EffectiveFrom);
        return Results.NoContent();
    }
}
