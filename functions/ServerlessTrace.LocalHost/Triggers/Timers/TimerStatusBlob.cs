using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.LocalHost.Triggers.Timers;

/// <summary>A timer's last and next occurrence, kept over restarts where the platform's own host keeps it.</summary>
internal sealed class TimerStatusBlob(BlobContainerClient container, string hostId, string function)
{
    private readonly BlobClient _blob = container.GetBlobClient($"timers/{hostId}/{function}/status");

    public async Task<ScheduleStatus?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _blob.DownloadContentAsync(cancellationToken)).Value.Content.ToObjectFromJson<ScheduleStatus>();
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public Task WriteAsync(ScheduleStatus status, CancellationToken cancellationToken) =>
        _blob.UploadAsync(BinaryData.FromObjectAsJson(status), overwrite: true, cancellationToken);
}
