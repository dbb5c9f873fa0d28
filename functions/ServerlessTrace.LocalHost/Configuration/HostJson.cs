using System.Text.Json;

namespace ServerlessTrace.LocalHost.Configuration;

/// <summary>The settings of <c>host.json</c> that this host honours; the platform's defaults where a setting is absent.</summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-host-json</remarks>
public sealed record HostJson
{
    /// <summary>What every HTTP route starts with, without slashes at its ends.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>The functions to run; all where null.</summary>
    public IReadOnlySet<string>? Functions { get; init; }

    /// <summary>How long a queue, blob or timer function may run; not limited where null.</summary>
    public TimeSpan? FunctionTimeout { get; init; }

    /// <summary>Queue triggers.</summary>
    public QueueSettings Queues { get; init; } = new();

    /// <summary>Blob triggers.</summary>
    public BlobSettings Blobs { get; init; } = new();

    /// <summary>Orchestrations.</summary>
    public DurableTaskSettings DurableTask { get; init; } = new();

    /// <summary>Reads a file.</summary>
    /// <exception cref="HostStartException">It is absent, is no JSON, or has a wrong value.</exception>
    public static HostJson Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new HostStartException($"{path} is missing: restore it from the repository.");
        }

        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Reads a text; <paramref name="source"/> names it in errors. Unknown settings are ignored.</summary>
    /// <exception cref="HostStartException">It is no JSON, or has a wrong value.</exception>
    public static HostJson Parse(string json, string source = "host.json")
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(new HostJsonSection(document.RootElement, source));
        }
        catch (JsonException malformed)
        {
            throw new HostStartException($"{source} is not valid JSON: {malformed.Message}", malformed);
        }
    }

    private static HostJson Read(HostJsonSection root)
    {
        if (root.Text("version") is { } version && version != "2.0")
        {
            throw root.Wrong("version", "\"2.0\"");
        }

        HostJsonSection extensions = root.Section("extensions");
        HostJsonSection http = extensions.Section("http");
        return new HostJson
        {
            RoutePrefix = (http.Text("routePrefix") ?? "api").Trim('/'),
            Functions = root.Texts("functions"),
            FunctionTimeout = root.Duration("functionTimeout", TimeSpan.FromSeconds(1), TimeSpan.MaxValue),
            Queues = QueueSettings.Read(extensions.Section("queues")),
            Blobs = BlobSettings.Read(extensions.Section("blobs")),
            DurableTask = DurableTaskSettings.Read(extensions.Section("durableTask")),
        };
    }
}
