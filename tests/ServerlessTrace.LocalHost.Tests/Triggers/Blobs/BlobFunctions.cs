using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Tests.Hosting;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Blobs;

public sealed class BlobFunctions(Calls calls)
{
    [Function("Client")]
    public async Task Client([BlobTrigger("%place%/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob, string name, CancellationToken cancellationToken)
    {
        BlobDownloadResult content = await blob.DownloadContentAsync(cancellationToken);
        calls.Add($"{name}={content.Content}");
        if (name == "bad.log")
        {
            throw new InvalidOperationException("asked to fail");
        }
    }
}

public sealed class BlobBindingFunctions(Calls calls)
{
    [Function("AsStream")]
    public async Task AsStream([BlobTrigger("%place%/stream/{service}/{name}.log")] Stream blob, string service, string name)
    {
        using var reader = new StreamReader(blob);
        calls.Add($"stream:{service}:{name}:{await reader.ReadToEndAsync()}");
    }

    [Function("AsText")]
    public void AsText([BlobTrigger("%place%/text/{name}")] string blob, string name) => calls.Add($"text:{name}:{blob}");

    [Function("AsBytes")]
    public void AsBytes([BlobTrigger("%place%/bytes/{name}")] BinaryData blob) => calls.Add($"bytes:{blob.ToArray().Length}");
}
