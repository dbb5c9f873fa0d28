namespace ServerlessTrace.LocalHost.Configuration;

/// <summary><c>extensions.blobs</c>.</summary>
public sealed record BlobSettings
{
    /// <summary>Blobs worked on at once.</summary>
    public int MaxDegreeOfParallelism { get; init; } = 8 * Environment.ProcessorCount;

    /// <summary>Attempts before a blob is reported on the queue <c>webjobs-blobtrigger-poison</c>.</summary>
    public int PoisonBlobThreshold { get; init; } = 5;

    internal static BlobSettings Read(HostJsonSection section)
    {
        var defaults = new BlobSettings();
        return new BlobSettings
        {
            MaxDegreeOfParallelism = section.Number("maxDegreeOfParallelism", 1, 1000) ?? defaults.MaxDegreeOfParallelism,
            PoisonBlobThreshold = section.Number("poisonBlobThreshold", 1, 1000) ?? defaults.PoisonBlobThreshold,
        };
    }
}
