namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>How far a delivery has come.</summary>
public enum DeliveryState
{
    /// <summary>It is to be tried, or tried again.</summary>
    Pending = 0,

    /// <summary>The receiver took it.</summary>
    Delivered = 1,

    /// <summary>It was given up. It stays listed and can be replayed.</summary>
    Dead = 2,
}
