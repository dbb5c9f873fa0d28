using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>When series rules are evaluated.</summary>
public sealed class AlertOptions
{
    /// <summary>
    /// How long after a minute's end it is evaluated, so that the traces that ended in it are sealed. What comes later is in the windows of the next
    /// evaluations. Default 15 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:50")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(15);
}
