using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>The OpenTelemetry exporters for Node.js as the committed lock file describes them, installed once.</summary>
internal static class NodeExporters
{
    private static readonly NodePackages Packages = new("OpenTelemetryNode", "send.js");

    /// <summary>Sends a trace of two spans; returns its id and what the exporter was answered.</summary>
    public static async Task<JsonObject> SendAsync(Uri url, string key, string encoding, string compression)
    {
        string folder = await Packages.InstalledAsync();
        string output = await Tool.RunAsync("node", ["send.js", url.ToString(), key, encoding, compression], folder);
        return JsonNode.Parse(output)!.AsObject();
    }
}
