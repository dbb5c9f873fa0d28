using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>
/// Finds the service of a record in what platforms and log shippers write beside it: Kubernetes' and Google's labels, cloud role names, Serilog's
/// <c>Application</c>, container and function names. Only records without a service of their own are searched.
/// </summary>
internal static class ServiceSearch
{
    private const int Deepest = 4;

    /// <summary>How many of the paths are of a record's own fields for it.</summary>
    private const int OwnFields = 5;

    /// <summary>Where a service is named, by how well: the first is the best. Paths are spelled as by <see cref="SpanLogFields.Spell"/>.</summary>
    private static readonly FrozenDictionary<string, int> Ranks = new[]
    {
        "service", "servicename", "service/name", "resource/servicename", "resource/attributes/servicename",
        "labels/service", "labels/servicename",
        "kubernetes/labels/appkubernetesio/name", "kubernetes/labels/app", "kubernetes/labels/k8sapp", "kubernetes/labels/service",
        "kubernetes/podlabels/appkubernetesio/name", "kubernetes/podlabels/app",
        "servicecontext/service", "resource/labels/servicename", "resource/labels/functionname", "labels/k8spod/appkubernetesio/name", "labels/k8spod/app",
        "application", "applicationname", "properties/application", "properties/applicationname", "cloudrolename", "approlename",
        "stream/servicename", "stream/service", "stream/app", "stream/container", "labels/app", "labels/container",
        "kubernetes/deployment/name", "kubernetes/container/name", "kubernetes/containername", "resource/labels/containername",
        "docker/containername", "containername", "properties/appname", "loggroup", "resourceid",
    }.Select((path, rank) => (path, rank)).ToFrozenDictionary(entry => entry.path, entry => entry.rank);

    /// <summary>The service that an object names; null if it names none.</summary>
    /// <param name="record">The object.</param>
    /// <param name="besideOwn">Whether its own fields for the service are known to name none.</param>
    public static byte[]? Find(ReadOnlySpan<byte> record, bool besideOwn = false)
    {
        Utf8JsonReader json = new(record, new JsonReaderOptions { MaxDepth = 1000 });
        (int Rank, string? Name) best = (int.MaxValue, null);
        try
        {
            json.Read();
            Search(ref json, string.Empty, Deepest, besideOwn ? OwnFields : 0, ref best);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Stricter than the reader that has accepted the record: what was found so far counts.
        }

        return best.Name is { } name ? Encoding.UTF8.GetBytes(name) : null;
    }

    private static void Search(ref Utf8JsonReader json, string path, int deepest, int least, ref (int Rank, string? Name) best)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = path + SpanLogFields.Spell(json.GetString() ?? string.Empty);
            json.Read();
            if (json.TokenType == JsonTokenType.StartObject && deepest > 1)
            {
                Search(ref json, name + "/", deepest - 1, least, ref best);
            }
            else if (json.TokenType == JsonTokenType.String && Ranks.TryGetValue(name, out int rank) && rank >= least && rank < best.Rank)
            {
                best = NameIn(name, json.GetString()) is { Length: > 0 } service ? (rank, service) : best;
            }
            else
            {
                json.Skip();
            }
        }
    }

    /// <summary>Container names begin with a slash, log groups and resource ids are paths.</summary>
    private static string? NameIn(string path, string? text) => path switch
    {
        "loggroup" => text?[(text.LastIndexOf('/') + 1)..],
        "resourceid" => text is not null && text.LastIndexOf("/sites/", StringComparison.OrdinalIgnoreCase) is >= 0 and var site
            ? text[(site + "/sites/".Length)..].Split('/')[0].ToLowerInvariant()
            : null,
        _ => text?.TrimStart('/'),
    };
}
