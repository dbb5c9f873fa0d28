namespace ServerlessTrace.Core.Alerting.Notifications;

/// <summary>How bad an alert is; the rule says it.</summary>
public enum AlertSeverity
{
    /// <summary>Good to know.</summary>
    Info = 0,

    /// <summary>To be looked at soon (the default).</summary>
    Warning = 1,

    /// <summary>To be looked at now.</summary>
    Critical = 2,
}
