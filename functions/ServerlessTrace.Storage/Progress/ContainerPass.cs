namespace ServerlessTrace.Storage.Progress;

/// <summary>Where looking through a container has come to. A pass takes as many runs as it needs, each of bounded length.</summary>
/// <param name="CheckedUntil">Blobs that were last written to before this have been found to be taken in.</param>
/// <param name="StartedAt">When the current pass began; null between passes.</param>
/// <param name="Continuation">Where the next run goes on; null at the start.</param>
/// <param name="NextPassAt">When the next pass begins.</param>
public sealed record ContainerPass(DateTimeOffset CheckedUntil, DateTimeOffset? StartedAt, string? Continuation, DateTimeOffset NextPassAt);
