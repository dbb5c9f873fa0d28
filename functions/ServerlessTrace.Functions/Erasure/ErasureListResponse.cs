namespace ServerlessTrace.Functions.Erasure;

/// <summary>A page of records.</summary>
internal sealed record ErasureListResponse(IReadOnlyList<ErasureResponse> Erasures, string? NextCursor);
