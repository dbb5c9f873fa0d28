namespace ServerlessTrace.Storage.Usage;

/// <summary>What came in from one service.</summary>
/// <param name="Service">The service; empty where it is not known, or one of many.</param>
/// <param name="Spans">Span parts: a span whose start and end are logged by two records is two.</param>
/// <param name="Bytes">The service's share of its sources' bytes, by span parts.</param>
/// <param name="Rejected">Records rejected in sources that only this service writes; others are nobody's.</param>
/// <param name="DroppedTraces">Traces that sampling did not keep, by their root's service and start.</param>
/// <param name="DroppedSpans">The spans of those traces.</param>
public sealed record ServiceUsage(string Service, long Spans, long Bytes, long Rejected, long DroppedTraces = 0, long DroppedSpans = 0)
{
    /// <summary>The sum with another one's.</summary>
    internal ServiceUsage Plus(ServiceUsage other) => new(
        Service, Spans + other.Spans, Bytes + other.Bytes, Rejected + other.Rejected, DroppedTraces + other.DroppedTraces, DroppedSpans + other.DroppedSpans);
}
