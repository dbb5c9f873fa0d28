namespace ServerlessTrace.Core.Alerting.Rules.Windows;

/// <summary>How a group stands against its rule.</summary>
public enum Outcome : byte
{
    /// <summary>Too few samples to say anything.</summary>
    Unknown = 0,

    /// <summary>All is well.</summary>
    Clear = 1,

    /// <summary>Within the threshold, but so near that an alert that fires stays: hysteresis.</summary>
    Near = 2,

    /// <summary>Over (or under) the threshold.</summary>
    Breached = 3,
}
