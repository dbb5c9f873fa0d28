namespace ServerlessTrace.LocalHost.Commands;

/// <summary>What the command line says about serving.</summary>
/// <param name="Port">The port of HTTP functions.</param>
/// <param name="Storage">A storage account to share; null to run Azurite.</param>
/// <param name="Folder">Where everything is kept that a run leaves behind.</param>
/// <param name="Drop">A folder to upload files from.</param>
/// <param name="InMemory">Whether Azurite keeps its data in memory.</param>
/// <param name="StoragePort">The first of Azurite's three ports; 0 for free ones.</param>
/// <param name="StorageHeap">Node's heap limit for Azurite in MiB.</param>
/// <param name="Durable">Where orchestrations are kept.</param>
/// <param name="WebhookHost">A host and port that webhooks may be sent to although it is this machine; null for none.</param>
internal sealed record ServeOptions(int Port, string? Storage, string Folder, string? Drop, bool InMemory, int StoragePort, int? StorageHeap, DurableBackend Durable, string? WebhookHost = null);
