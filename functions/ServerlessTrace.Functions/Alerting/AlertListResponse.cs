using ServerlessTrace.Storage.Alerting;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>What is active, and a page of what happened.</summary>
/// <param name="Active">Series rules' alerts that are pending or firing, the newest first.</param>
/// <param name="Transitions">What happened, the newest first.</param>
/// <param name="NextCursor">The cursor of the next page; null where there is none.</param>
internal sealed record AlertListResponse(IReadOnlyList<ActiveAlert> Active, IReadOnlyList<LoggedTransition> Transitions, string? NextCursor);
