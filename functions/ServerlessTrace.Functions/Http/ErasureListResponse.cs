namespace ServerlessTrace.Functions.Http;

/// <summary>A page of records.</summary>
internal sealed record ErasureListResponse(IReadOnlyList<ErasureResponse> Erasures, string? NextCursor);
