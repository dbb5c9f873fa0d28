using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Retention;

namespace ServerlessTrace.Storage.Erasure.Steps;

/// <summary>
/// Names the blobs in <c>span-logs</c> that have records of what is erased; and deletes those of them of which everything is taken in, if the options say so. A blob has
/// records of many traces, and nobody noted which: each that was written to since the first of the traces began is read.
/// </summary>
internal sealed class EraseSources(
    StorageClients clients, ErasureStore store, ReceiptStore receipts, BlobProgressStore progress, ErasureOptions options, RetentionOptions retention) : IErasureStep
{
    private const int BlobsPerBatch = 50;

    /// <summary>By how much clocks of senders may be ahead of that of storage.</summary>
    private static readonly TimeSpan ClocksAhead = TimeSpan.FromHours(1);

    public string Name => "sources";

    public async Task<ErasureProgress> RunAsync(ErasureScope scope, string? from, CancellationToken cancellationToken)
    {
        IReadOnlySet<TraceId> traces = await scope.TracesAsync(cancellationToken).ConfigureAwait(false);
        ErasureText text = await scope.TextAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset since = await scope.StartAsync(cancellationToken).ConfigureAwait(false);
        since = since.ToUnixTimeSeconds() > 0 ? since - ClocksAhead : since;
        await foreach (Page<BlobItem> page in clients.SpanLogs.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(from, BlobsPerBatch).ConfigureAwait(false))
        {
            var found = new List<BlobItem>();
            foreach (BlobItem blob in page.Values.Where(blob => blob.Properties.LastModified is not { } at || at >= since))
            {
                if (await HasAsync(blob.Name, scope.Target, traces, text, cancellationToken).ConfigureAwait(false))
                {
                    found.Add(blob);
                }
            }

            // Named first: who deletes one and dies leaves its name.
            ErasureRecord record = await NameAsync(scope.Record, found, cancellationToken).ConfigureAwait(false);
            HashSet<string> deleted = await DeleteAsync(found, cancellationToken).ConfigureAwait(false);
            if (deleted.Count > 0)
            {
                ErasureSource[] sources = [.. record.Sources.Select(source => deleted.Contains(source.Name) ? source with { IsDeleted = true, KeptUntil = null } : source)];
                await store.WriteAsync(record with { Sources = sources }, cancellationToken).ConfigureAwait(false);
            }

            return new ErasureProgress(deleted.Count, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return new ErasureProgress(0, null);
    }

    /// <summary>Adds blobs to the record, each once however often they are found.</summary>
    private async Task<ErasureRecord> NameAsync(ErasureRecord record, List<BlobItem> found, CancellationToken cancellationToken)
    {
        ErasureSource[] added = [.. found.Where(blob => record.Sources.All(known => known.Name != blob.Name)).Select(ToSource)];
        if (added.Length > 0)
        {
            record = record with { Sources = [.. record.Sources.Concat(added).Take(ErasureRecord.SourcesNamed)], SourceCount = record.SourceCount + added.Length };
            await store.WriteAsync(record, cancellationToken).ConfigureAwait(false);
        }

        return record;
    }

    private ErasureSource ToSource(BlobItem blob)
    {
        DateTimeOffset modifiedAt = blob.Properties.LastModified ?? default;
        return new ErasureSource(blob.Name, modifiedAt, retention.RawLogs == TimeSpan.Zero ? null : modifiedAt + retention.RawLogs, IsDeleted: false);
    }

    /// <summary>Deletes blobs of which everything is taken in, if the options say so; returns which.</summary>
    private async Task<HashSet<string>> DeleteAsync(List<BlobItem> found, CancellationToken cancellationToken)
    {
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        foreach (BlobItem blob in options.DeleteRawLogs ? found : [])
        {
            if (await IsTakenInAsync(blob, cancellationToken).ConfigureAwait(false) && await TryDeleteAsync(blob, cancellationToken).ConfigureAwait(false))
            {
                deleted.Add(blob.Name);
            }
        }

        return deleted;
    }

    private async Task<bool> HasAsync(string name, ErasureTarget target, IReadOnlySet<TraceId> traces, ErasureText text, CancellationToken cancellationToken)
    {
        BlobClient blob = clients.SpanLogs.GetBlobClient(name);
        try
        {
            return await HasRecordsAsync(blob, target, traces, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableSourceException)
        {
            Stream content = await blob.OpenReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                return await text.IsInAsync(content, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            // Deleted, or written to, since it was listed: what is written now is heeded when it is taken in.
            return false;
        }
    }

    private static async Task<bool> HasRecordsAsync(BlobClient blob, ErasureTarget target, IReadOnlySet<TraceId> traces, CancellationToken cancellationToken)
    {
        Stream content = await blob.OpenReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var reader = new SpanSourceReader(content, blob.Name);
        await using (reader.ConfigureAwait(false))
        {
            var batch = new SpanBatch();
            while (await reader.ReadBatchAsync(batch, cancellationToken).ConfigureAwait(false))
            {
                if (target.IsAmong(batch, traces))
                {
                    return true;
                }

                batch.Clear();
            }

            return false;
        }
    }

    /// <summary>Whether all that a blob holds is stored: it was read as a whole, or to its end part by part.</summary>
    private async Task<bool> IsTakenInAsync(BlobItem blob, CancellationToken cancellationToken)
    {
        string version = blob.Properties.ETag?.ToString("H") ?? string.Empty;
        var whole = new ReceiptId(blob.Properties.LastModified ?? default, SourceId.OfBlob(StorageNames.SpanLogs, blob.Name, version));
        return await receipts.ExistsAsync(whole, cancellationToken).ConfigureAwait(false)
            || (await progress.FindAsync(blob.Name, cancellationToken).ConfigureAwait(false) is { Claim: null, IsFinal: true } read
                && read.ReadTo >= (blob.Properties.ContentLength ?? long.MaxValue));
    }

    private async Task<bool> TryDeleteAsync(BlobItem blob, CancellationToken cancellationToken)
    {
        try
        {
            var unchanged = new BlobRequestConditions { IfMatch = blob.Properties.ETag };
            await clients.SpanLogs.DeleteBlobIfExistsAsync(blob.Name, conditions: unchanged, cancellationToken: cancellationToken).ConfigureAwait(false);
            await progress.ForgetAsync(blob.Name, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status == 412)
        {
            return false;
        }
    }
}
