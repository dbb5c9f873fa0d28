using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>What came in between two days.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="Days">Days on which anything came in, the newest first.</param>
internal sealed record UsageResponse(DateOnly From, DateOnly To, IReadOnlyList<UsageDayResponse> Days)
{
    private const int HoursPerDay = 24;

    public static UsageResponse Of(DateOnly from, DateOnly to, IReadOnlyList<UsageHour> hours) => new(
        from,
        to,
        [
            .. hours.GroupBy(hour => hour.Hour / HoursPerDay).OrderByDescending(day => day.Key)
                .Select(day => UsageDayResponse.Of(UsageHour.Sum(day.Key * HoursPerDay, [.. day]))),
        ]);
}

/// <summary>What came in on one day, by when the sources were written.</summary>
internal sealed record UsageDayResponse(
    DateOnly Day, long Sources, long Failed, long Bytes, long Records, long Spans, long Rejected, long Redacted, long Erased, IReadOnlyList<UsageServiceResponse> Services)
{
    public static UsageDayResponse Of(UsageHour sum) => new(
        DateOnly.FromDateTime(DateTime.UnixEpoch.AddHours(sum.Hour)),
        sum.Sources,
        sum.Failed,
        sum.Bytes,
        sum.Records,
        sum.Spans,
        sum.Rejected,
        sum.Redacted,
        sum.Erased,
        [.. sum.Services.Select(service => new UsageServiceResponse(service.Service, service.Spans, service.Bytes, service.Rejected, service.DroppedTraces, service.DroppedSpans))]);
}

/// <summary>What one service sent on one day. An empty name stands for what belongs to no one service.</summary>
internal sealed record UsageServiceResponse(string Service, long Spans, long Bytes, long Rejected, long DroppedTraces, long DroppedSpans);
