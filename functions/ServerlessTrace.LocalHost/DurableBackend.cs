namespace ServerlessTrace.LocalHost;

/// <summary>Where a <see cref="LocalFunctionHost"/> keeps its orchestrations.</summary>
public enum DurableBackend
{
    /// <summary>One table: fast, and with few requests, on the storage emulator.</summary>
    Table,

    /// <summary>The Durable Task Framework's Azure Storage backend, which Durable Functions use on Azure by default.</summary>
    AzureStorage,
}
