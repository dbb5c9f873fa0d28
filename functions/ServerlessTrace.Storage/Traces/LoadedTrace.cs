using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Storage.Traces;

/// <summary>A trace as read.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="IsSealed">Whether it was sealed; otherwise it is assembled from what has come so far.</param>
/// <param name="Revision">How often it was sealed; 0 where it was not.</param>
public sealed record LoadedTrace(Trace Trace, bool IsSealed, int Revision);
