namespace ServerlessTrace.Storage.Erasure;

/// <summary>A blob of the sender's that has, or had, records of what was erased.</summary>
/// <param name="Name">Its name in <c>span-logs</c>.</param>
/// <param name="ModifiedAt">When it was last written to.</param>
/// <param name="KeptUntil">When retention deletes it; null where it is kept until its owner deletes it, or is deleted already.</param>
/// <param name="IsDeleted">Whether the erasure deleted it.</param>
public sealed record ErasureSource(string Name, DateTimeOffset ModifiedAt, DateTimeOffset? KeptUntil, bool IsDeleted);
