namespace ServerlessTrace.Benchmarks.Scale;

/// <summary>
/// Documented limits (Microsoft Learn: "Scalability targets for Table storage", "… Queue storage", "… standard storage accounts", "Azure Functions Flex
/// Consumption plan hosting"). They are targets for one account in a usual region; Azure raises some on request.
/// </summary>
internal static class AzureLimits
{
    /// <summary>Entities a second in one table partition.</summary>
    public const double EntitiesPerPartition = 2_000;

    /// <summary>Entities, or requests, a second in one account.</summary>
    public const double EntitiesPerAccount = 20_000;

    /// <summary>Bytes a second into one account: 25 Gbit/s, the smaller of the documented figures.</summary>
    public const double IngressPerAccount = 25e9 / 8;

    /// <summary>Messages a second in one queue.</summary>
    public const double MessagesPerQueue = 2_000;

    /// <summary>Instances of one group of functions.</summary>
    public const double InstancesPerGroup = 1_000;

    /// <summary>Cores of an instance of 2,048 MB.</summary>
    public const double CoresPerInstance = 1;
}
