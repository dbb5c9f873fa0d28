namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

public enum TestedBackend
{
    Table,

    /// <summary>The table, with every orchestrator replayed from storage for every piece of work.</summary>
    ReplayingTable,

    AzureStorage,
}
