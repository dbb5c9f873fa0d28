using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using ServerlessTrace.LocalHost.Invocation;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>Runs the function that a message of the internal queue is for.</summary>
internal sealed class BlobDispatcher(IEnumerable<BlobFunction> functions, BlobServiceClient blobs, IServiceProvider services, ILogger logger)
{
    private readonly Dictionary<string, BlobFunction> _functions = functions.ToDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);

    public async Task RunAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        BlobTriggerMessage report = BlobTriggerMessage.Read(message.Body);
        if (!_functions.TryGetValue(report.FunctionId, out BlobFunction? function)
            || function.Pattern.Match(report.BlobName) is not { } binding)
        {
            throw new InvalidOperationException($"There is no function '{report.FunctionId}' for {report.ContainerName}/{report.BlobName} in this app.");
        }

        BlobClient blob = blobs.GetBlobContainerClient(report.ContainerName).GetBlobClient(report.BlobName);
        try
        {
            await function.Invoker.RunInScopeAsync(
                services, scope => new FunctionRun(blob, scope, cancellationToken) { Binding = binding });
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Asked only now, because every request counts and nearly every blob is there.
            if (await IsGoneAsync(blob))
            {
                Log.BlobGone(logger, report.ContainerName, report.BlobName, report.FunctionId);
                return;
            }

            throw;
        }
    }

    private static async Task<bool> IsGoneAsync(BlobClient blob)
    {
        try
        {
            return !await blob.ExistsAsync();
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException)
        {
            return false;
        }
    }
}
