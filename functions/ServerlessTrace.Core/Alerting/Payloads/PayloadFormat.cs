namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>How a notification is written for its receiver.</summary>
public enum PayloadFormat
{
    /// <summary>ServerlessTrace's own (<c>standard</c>).</summary>
    Standard = 0,

    /// <summary>CloudEvents 1.0, structured JSON (<c>cloudevents</c>).</summary>
    CloudEvents = 1,

    /// <summary>Azure Monitor's common alert schema (<c>azure-monitor</c>).</summary>
    AzureMonitor = 2,

    /// <summary>Slack's incoming webhooks (<c>slack</c>).</summary>
    Slack = 3,

    /// <summary>Workflows of Microsoft Teams: a message with an Adaptive Card (<c>teams</c>).</summary>
    Teams = 4,

    /// <summary>PagerDuty's Events API v2 (<c>pagerduty</c>).</summary>
    PagerDuty = 5,
}
