namespace ServerlessTrace.FunctionModel;

/// <summary>Runs the function for every blob written under a path such as <c>container/{name}</c>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BlobTriggerAttribute(string blobPath) : Attribute
{
    /// <summary>Container and name pattern.</summary>
    public string BlobPath { get; } = blobPath;

    /// <summary>The setting that names the storage account; null for the app's own.</summary>
    public string? Connection { get; set; }

    /// <summary>How the platform learns of new blobs.</summary>
    public BlobTriggerSource Source { get; set; }
}
