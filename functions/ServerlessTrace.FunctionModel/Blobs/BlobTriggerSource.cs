namespace ServerlessTrace.FunctionModel;

/// <summary>How the platform learns of new blobs.</summary>
public enum BlobTriggerSource
{
    /// <summary>By storage logs and container scans.</summary>
    LogsAndContainerScan = 0,

    /// <summary>By Event Grid events.</summary>
    EventGrid = 1,
}
