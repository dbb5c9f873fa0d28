using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessTrace.Cli.Commands;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;

namespace ServerlessTrace.Cli.Rules;

/// <summary>The rules of a running service.</summary>
internal sealed class RuleService(HttpClient client)
{
    private const string Path = "api/alert-rules";

    /// <summary>What has to be done so that the service's rules are as wanted.</summary>
    /// <param name="wanted">The rules as they are to be.</param>
    /// <param name="prune">Whether rules that are not wanted are deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="HttpRequestException">The service refuses, or does not answer.</exception>
    public async Task<List<RuleChange>> PlanAsync(IReadOnlyList<AlertRule> wanted, bool prune, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(Path, UriKind.Relative), cancellationToken);
        await CheckAsync(response, "the service", cancellationToken);
        Dictionary<string, RuleChange> current = Read(await response.Content.ReadAsStringAsync(cancellationToken)).ToDictionary(rule => rule.Id, StringComparer.Ordinal);
        List<RuleChange> changes = [.. wanted.Select(rule => (current.GetValueOrDefault(rule.Id) ?? new RuleChange(rule.Id, null, null, null)) with { Wanted = rule })];
        if (prune)
        {
            changes.AddRange(current.Values.Where(rule => wanted.All(other => other.Id != rule.Id)));
        }

        return [.. changes.Where(change => !change.IsNone)];
    }

    /// <summary>Makes a change, unless somebody else changed the rule meanwhile.</summary>
    /// <exception cref="HttpRequestException">The service refuses, or does not answer.</exception>
    public async Task ApplyAsync(RuleChange change, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(change.Wanted is null ? HttpMethod.Delete : HttpMethod.Put, $"{Path}/{change.Id}");
        if (change.Tag is { } tag)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(tag));
        }
        else
        {
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
        }

        if (change.Wanted is { } wanted)
        {
            request.Content = new StringContent(Encoding.UTF8.GetString(RuleDocument.Write(wanted)), Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
        await CheckAsync(response, change.Id, cancellationToken);
    }

    private static IEnumerable<RuleChange> Read(string answer)
    {
        JsonArray rules;
        try
        {
            rules = JsonNode.Parse(answer)!["rules"]!.AsArray();
        }
        catch (Exception unexpected) when (unexpected is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new HttpRequestException("the service does not answer with rules; does --url name it?", unexpected);
        }

        foreach (JsonObject rule in rules.OfType<JsonObject>())
        {
            string tag = (string?)rule["etag"] ?? "*";
            rule.Remove("etag");
            if (RuleDocument.Read(Encoding.UTF8.GetBytes(rule.ToJsonString()), null).Rule is { } current)
            {
                yield return new RuleChange(current.Id, null, current, tag);
            }
        }
    }

    private static async Task CheckAsync(HttpResponseMessage response, string about, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{about}: {await RunningService.ReasonAsync(response, cancellationToken)}");
        }
    }
}
