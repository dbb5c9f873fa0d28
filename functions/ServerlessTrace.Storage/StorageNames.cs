namespace ServerlessTrace.Storage;

/// <summary>The names of tables, containers and queues.</summary>
public static class StorageNames
{
    /// <summary>The table of span parts that are not sealed yet.</summary>
    public const string SpanChunks = "SpanChunks";

    /// <summary>The table of sealed traces.</summary>
    public const string Traces = "Traces";

    /// <summary>The table of summary blocks.</summary>
    public const string TraceBlocks = "TraceBlocks";

    /// <summary>The table of business keys: which traces have a value.</summary>
    public const string BusinessKeys = "BusinessKeys";

    /// <summary>The table of receipts.</summary>
    public const string Receipts = "Receipts";

    /// <summary>The table of services that have sent spans.</summary>
    public const string Services = "Services";

    /// <summary>The table of how far blobs have been read that are read in parts.</summary>
    public const string BlobProgress = "BlobProgress";

    /// <summary>The table of webhook subscriptions.</summary>
    public const string Webhooks = "Webhooks";

    /// <summary>The table of notifications to be delivered, and of their deliveries.</summary>
    public const string WebhookDeliveries = "WebhookDeliveries";

    /// <summary>The table of sealed traces that wait to be forwarded.</summary>
    public const string ForwardOutbox = "ForwardOutbox";

    /// <summary>The table of alert rules and silences.</summary>
    public const string AlertRules = "AlertRules";

    /// <summary>The table of the states of alert rules' groups.</summary>
    public const string AlertStates = "AlertStates";

    /// <summary>The table of what happened to alerts.</summary>
    public const string Alerts = "Alerts";

    /// <summary>The table of traces in which alert rules found something.</summary>
    public const string TraceAlerts = "TraceAlerts";

    /// <summary>The table of the keys that links are signed with, and the hashes of what was erased made with.</summary>
    public const string LinkKeys = "LinkKeys";

    /// <summary>The table of what came in, by hour.</summary>
    public const string Usage = "Usage";

    /// <summary>The table of erasures: their records, what they are at, and which traces must not come back.</summary>
    public const string Erasures = "Erasures";

    /// <summary>The queue of blobs that are to be read, or read on, though no trigger says so.</summary>
    public const string BlobsToRead = "blobs-to-read";

    /// <summary>The container, and the queue, that users send span logs to.</summary>
    public const string SpanLogs = "span-logs";

    /// <summary>The container of sources that could not be read.</summary>
    public const string Rejected = "rejected";

    /// <summary>The container of packed spans that are too big for a row.</summary>
    public const string Spilled = "spilled";

    /// <summary>The queues of messages that failed too often; the platform creates them when they are needed.</summary>
    public static IReadOnlyList<string> PoisonQueues { get; } = [SpanLogs + "-poison", BlobsToRead + "-poison", "webjobs-blobtrigger-poison"];
}
