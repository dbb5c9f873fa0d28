using Azure;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>How far an hour is merged.</summary>
/// <param name="Hour">Hours since 1970 UTC.</param>
/// <param name="Rows">How many merged rows it has.</param>
/// <param name="ETag">The version of the state; null where there is none yet.</param>
internal sealed record MergeState(int Hour, int Rows, ETag? ETag);
