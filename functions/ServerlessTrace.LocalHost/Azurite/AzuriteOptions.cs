namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>How the storage emulator is run.</summary>
public sealed record AzuriteOptions
{
    /// <summary>Azurite's well-known ports.</summary>
    public static readonly AzuritePorts WellKnownPorts = new(10000, 10001, 10002);

    /// <summary>Where data, log and state file live; created when absent.</summary>
    public required string Folder { get; init; }

    /// <summary>The ports to listen on; free ones by default.</summary>
    public AzuritePorts Ports { get; init; }

    /// <summary>Keep everything in memory. Such an Azurite ends when the process that started it does.</summary>
    public bool InMemory { get; init; }

    /// <summary>Node's heap limit in MiB; Node's own default where null.</summary>
    public int? HeapMebibytes { get; init; }

    /// <summary>
    /// Where Azurite is installed. The environment variable <c>SERVERLESSTRACE_TOOLS</c> overrides the default, so that several
    /// working copies, or a build agent's cache, can share one installation.
    /// </summary>
    public string ToolsFolder { get; init; } =
        Environment.GetEnvironmentVariable("SERVERLESSTRACE_TOOLS") is { Length: > 0 } folder
            ? folder
            : Path.Combine(RepositoryRoot.LocalFolder, "tools");
}
