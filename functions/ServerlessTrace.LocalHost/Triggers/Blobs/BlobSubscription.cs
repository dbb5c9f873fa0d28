namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>A blob function's wish to hear of blobs.</summary>
internal sealed record BlobSubscription(string FunctionName, BlobPathPattern Pattern);
