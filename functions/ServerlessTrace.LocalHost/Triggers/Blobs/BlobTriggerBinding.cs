using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.LocalHost.Invocation;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>What a blob function may take its blob as.</summary>
internal static class BlobTriggerBinding
{
    public static TriggerBinding For(HostedFunction function, BlobPathPattern pattern)
    {
        Type type = function.TriggerParameter.ParameterType;
        if (type == typeof(BlobClient))
        {
            return TriggerBinding.Direct with { Names = pattern.Names };
        }

        if (type == typeof(Stream))
        {
            return new TriggerBinding(static async run => await BlobOf(run).OpenReadAsync(new BlobOpenReadOptions(false), run.Cancellation), pattern.Names);
        }

        if (type == typeof(BinaryData))
        {
            return new TriggerBinding(static async run => await DownloadAsync(run), pattern.Names);
        }

        if (type == typeof(string))
        {
            return new TriggerBinding(static async run => (await DownloadAsync(run)).ToString(), pattern.Names);
        }

        throw function.Wrong($"takes a blob as {type.Name}: use BlobClient, Stream, string or BinaryData");
    }

    private static BlobClient BlobOf(FunctionRun run) => (BlobClient)run.Trigger!;

    private static async Task<BinaryData> DownloadAsync(FunctionRun run)
    {
        BlobDownloadResult download = await BlobOf(run).DownloadContentAsync(run.Cancellation);
        return download.Content;
    }
}
