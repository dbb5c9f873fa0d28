namespace ServerlessTrace.Functions.Hosting;

/// <summary>
/// Settings that hold the schedules of the sweeps that run most often. Looking often costs nothing on one machine; on Flex Consumption each run is billed
/// for a second of an instance, so these runs are what a service without work costs.
/// </summary>
public static class TimerSchedules
{
    /// <summary>When blobs that are appended to are looked at: how fresh they are, since Event Grid says nothing of appends.</summary>
    public const string GrowingBlobs = "GrowingBlobsSchedule";

    /// <summary>When the search for blobs that no event reported goes on.</summary>
    public const string MissedBlobs = "MissedBlobsSchedule";

    /// <summary>When traces are sealed that no window sealed.</summary>
    public const string SealSweep = "SealSweepSchedule";

    /// <summary>The schedules for one machine.</summary>
    public static IReadOnlyDictionary<string, string> OnOneMachine { get; } = new Dictionary<string, string>
    {
        [GrowingBlobs] = "*/10 * * * * *",
        [MissedBlobs] = "5-55/10 * * * * *",
        [SealSweep] = "*/15 * * * * *",
    };

    /// <summary>The schedules that are deployed unless others are set.</summary>
    public static IReadOnlyDictionary<string, string> OnAzure { get; } = new Dictionary<string, string>
    {
        [GrowingBlobs] = "0 * * * * *",
        [MissedBlobs] = "20 * * * * *",
        [SealSweep] = "40 * * * * *",
    };
}
