using System.ComponentModel.DataAnnotations;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>How webhooks are delivered: the section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>
    /// Hosts (with or without a port) that may be called although they are private or not HTTPS. None by default.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>How long an attempt may take, from looking the name up to the answer. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:40")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many attempts for one subscription an instance runs at once, one while its receiver is slow (it takes more than half of <see cref="Timeout"/>); others wait without holding anything. Default 4.</summary>
    [Range(1, 64)]
    public int ConcurrentAttempts { get; set; } = 4;

    /// <summary>How long a delivery waits that found its subscription busy, or an earlier one of its alert not done; it doubles up to a minute. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan TurnWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait after the first attempt that failed; later ones are three times as long each. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between attempts. Default 3 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(3);

    /// <summary>How long after the first attempt a delivery is given up. Default one day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The longest wait that a receiver may ask for by <c>Retry-After</c>; what is longer is cut to it. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LongestRetryAfter { get; set; } = TimeSpan.FromHours(1);

    internal RetrySchedule Schedule => new(FirstRetry, LongestRetry, GiveUpAfter);

    /// <summary>The oldest notification that can still be pending: given up after a while, counted from when its turn came.</summary>
    internal DateTimeOffset OldestPending(DateTimeOffset now) => now - (2 * GiveUpAfter) - TimeSpan.FromDays(1);
}
