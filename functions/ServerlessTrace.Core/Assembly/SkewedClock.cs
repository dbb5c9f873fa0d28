namespace ServerlessTrace.Core.Assembly;

/// <summary>A clock that differs from those of the services that call it.</summary>
/// <param name="Service">Whose it is.</param>
/// <param name="Host">The instance or host, where spans name one; else empty.</param>
/// <param name="ShiftNano">What is added to its times, in ns; where calls to it need different shifts, the greatest of them.</param>
/// <param name="SpanCount">How many spans are shifted.</param>
/// <param name="IsSteady">Whether one shift explains all calls.</param>
public sealed record SkewedClock(string Service, string Host, long ShiftNano, int SpanCount, bool IsSteady);
