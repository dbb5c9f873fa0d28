using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>When traces are sealed.</summary>
public sealed class SealOptions
{
    /// <summary>
    /// How long arrivals are collected before they are looked at together: one orchestration a window, however many sources. Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may have come for a trace that is not evidently complete before it is sealed as it is. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan QuietPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>When a trace is sealed as it is although parts of it keep coming. Default 15 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaximumAge { get; set; } = TimeSpan.FromMinutes(15);
}
