namespace ServerlessTrace.Functions.Orchestrations;

/// <summary>
/// Names of orchestrators and activities. Each ends with a version. The version goes up whenever the steps of an orchestrator, or an input or a result, change: an instance
/// that runs while a new version is deployed ends as it began, or fails with the name that is missing.
/// </summary>
public static class OrchestrationNames
{
    /// <summary>Orchestrator: seals the traces of one window.</summary>
    public const string SealWindow = "SealWindow_v2";

    /// <summary>Activity: finds the shards with open chunks, and seals them where those are few.</summary>
    public const string SealOpenShards = "SealOpenShards_v2";

    /// <summary>Activity: seals one shard.</summary>
    public const string SealShard = "SealShard_v2";

    /// <summary>Orchestrator: evaluates window rules on one minute.</summary>
    public const string EvaluateAlertRules = "EvaluateAlertRules_v2";

    /// <summary>Activity: finds the rules to evaluate.</summary>
    public const string FindAlertRules = "FindAlertRules_v2";

    /// <summary>Activity: evaluates a batch of rules.</summary>
    public const string EvaluateAlertRuleBatch = "EvaluateAlertRuleBatch_v1";

    /// <summary>Orchestrator: notifies of what a trace rule found beyond its limit, when the interval has ended.</summary>
    public const string SummarizeAlerts = "SummarizeAlerts_v2";

    /// <summary>Activity: the same for one interval.</summary>
    public const string SummarizeAlertsOfInterval = "SummarizeAlertsOfInterval_v2";

    /// <summary>Orchestrator: delivers one notification to one subscription.</summary>
    public const string DeliverWebhook = "DeliverWebhook_v2";

    /// <summary>Activity: one attempt of a delivery.</summary>
    public const string DeliverWebhookStep = "DeliverWebhookStep_v2";

    /// <summary>Orchestrator: forwards sealed traces.</summary>
    public const string ForwardTraces = "ForwardTraces_v2";

    /// <summary>Activity: sends the batches that wait.</summary>
    public const string ForwardBatches = "ForwardBatches_v2";

    /// <summary>Orchestrator: deletes what has expired.</summary>
    public const string Retention = "Retention_v1";

    /// <summary>Activity: deletes one batch.</summary>
    public const string DeleteExpired = "DeleteExpired_v1";

    /// <summary>Orchestrator: one erasure.</summary>
    public const string Erase = "Erase_v2";

    /// <summary>Activity: erases one batch.</summary>
    public const string EraseBatch = "EraseBatch_v2";
}
