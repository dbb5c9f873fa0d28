using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Receipts;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>
/// Takes in blobs part by part: append blobs as they grow, and blobs longer than one invocation reads. A part is claimed, read,
/// stored with its receipt, and only then done with: a crash anywhere has the same part read again, which writes the same rows.
/// </summary>
/// <remarks>
/// A record that is not complete at the end of an append blob waits. When the blob has not grown for a while, the record is taken as it is or
/// rejected; it is looked at again if the blob grows after all. Compressed append blobs go on behind a whole gzip member or zstd
/// frame. One that ends within a member, or in a document, has no place to go on from: it is read again from its last place when it rests, or every
/// few minutes if it never does, and what that repeats is merged with what is known.
/// </remarks>
public sealed class BlobParts(SpanIntake intake, BlobProgressStore store, BlobsToRead queue, IngestOptions options, TimeProvider clock)
{
    private const int NamesKept = 10_000;

    // Saves opening from the start what will be read from somewhere else. Only a saving: another instance does without.
    private readonly ConcurrentDictionary<string, byte> _names = new(StringComparer.Ordinal);

    /// <summary>Whether this instance has read parts of the blob before.</summary>
    internal bool AreExpectedOf(string name) => _names.ContainsKey(name);

    /// <summary>Whether a blob is read in parts.</summary>
    internal bool IsReadInParts(OpenedBlob blob) => blob.IsAppended || blob.Length > options.RangeBytes;

    /// <summary>Takes in the next part, and the next as long as there are new ones; leaves it to the queue to go on with a long blob.</summary>
    /// <returns>False where the blob is not one to be read in parts.</returns>
    internal async Task<bool> TakeAsync(BlobClient blob, OpenedBlob? opened, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        BlobProgress? progress = await store.FindAsync(blob.Name, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            OpenedBlob? current = opened ?? await OpenedBlob.OpenAsync(blob, progress?.Position.Offset ?? 0, null, cancellationToken).ConfigureAwait(false);
            opened = null;
            if (current is null || !IsReadInParts(current))
            {
                await store.ForgetAsync(blob.Name, cancellationToken).ConfigureAwait(false);
                _names.TryRemove(blob.Name, out _);
                if (current is not null)
                {
                    await current.DisposeAsync().ConfigureAwait(false);
                }

                return current is null;
            }

            await using (current.ConfigureAwait(false))
            {
                progress = await TakePartAsync(blob, current, progress, durable, cancellationToken).ConfigureAwait(false);
            }

            if (progress is null)
            {
                return true;
            }
        }
    }

    /// <summary>Takes one part in; returns the progress if it may be worth looking for more at once.</summary>
    private async Task<BlobProgress?> TakePartAsync(
        BlobClient blob, OpenedBlob opened, BlobProgress? known, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        Remember(blob.Name);
        BlobProgress progress = Of(blob.Name, opened, known);
        if (Next(progress, opened) is not { } claim)
        {
            if (known?.Version != progress.Version)
            {
                // Empty as yet: from here on the sweep looks after it.
                await store.TryWriteAsync(progress, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }

        BlobProgress? claimed = await store.TryWriteAsync(progress with { Claim = claim }, cancellationToken).ConfigureAwait(false);
        if (claimed is null)
        {
            // Another invocation has the blob, and will see whatever this one saw.
            return null;
        }

        long from = claimed.Position.Offset;
        OpenedBlob? content = opened.From == from && opened.Length == claim.End
            ? opened
            : await OpenedBlob.OpenAsync(blob, from, claim.End, cancellationToken).ConfigureAwait(false);
        if (content is null || content.Version != claimed.Version)
        {
            // Replaced just now, for which there is another trigger; if that is lost, the sweep sees the unfinished claim.
            return null;
        }

        await using (content.ConfigureAwait(false))
        {
            return await ReadAsync(blob, content.Content, claimed, claim, durable, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<BlobProgress?> ReadAsync(
        BlobClient blob, Stream content, BlobProgress claimed, BlobClaim claim, DurableTaskClient durable, CancellationToken cancellationToken)
    {
        long from = claimed.Position.Offset;
        bool isHuge = claim.End - from > options.RangeBytes && !(claim.IsFinal && claimed.IsAppended);
        var part = new SourcePart
        {
            From = claimed.Position,
            MoreMayFollow = !claim.IsFinal,
            StopAfter = isHuge ? options.RangeBytes : long.MaxValue,
        };
        var source = new ReceiptId(
            claim.ModifiedAt, SourceId.OfBlobPart(blob.BlobContainerName, blob.Name, claimed.Version, from, claim.End));
        string title = $"{blob.BlobContainerName}/{blob.Name}";
        using Activity? span = ServiceTelemetry.StartIngest(title);
        var reader = new SpanSourceReader(content, blob.Name, options.ToReadLimits(), leaveOpen: true, part);
        await using (reader.ConfigureAwait(false))
        {
            var read = new IngestSource(source, title, token => blob.OpenReadAsync(new BlobOpenReadOptions(allowModifications: true), token));
            Receipt receipt = await intake.IngestPartAsync(read, reader, durable, cancellationToken).ConfigureAwait(false);
            return await AdvanceAsync(claimed, claim, reader, receipt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Is done with a part whose spans and receipt are stored.</summary>
    private async Task<BlobProgress?> AdvanceAsync(
        BlobProgress claimed, BlobClaim claim, SpanSourceReader reader, Receipt receipt, CancellationToken cancellationToken)
    {
        long from = claimed.Position.Offset;
        bool isFailed = receipt.Reason.Length > 0;
        bool isToEnd = isFailed || from + reader.Statistics.Bytes >= claim.End;

        // An incomplete record that was taken as it is may still be completed: it is begun again then.
        bool keepsPlace = claimed.IsAppended && claim.IsFinal;
        SourcePosition position = keepsPlace ? claimed.Position
            : isFailed ? reader.Position with { Offset = claim.End }
            : reader.Position;
        bool isDone = claimed.IsAppended ? isToEnd && !reader.IsWaiting : position.Offset >= claim.End;
        BlobProgress? stored = await store.TryWriteAsync(
            claimed with
            {
                Claim = null,
                Position = position,
                ReadTo = isToEnd && (claimed.IsAppended || isDone) ? claim.End : position.Offset,
                IsFinal = isDone,
                IsRefused = isFailed && receipt.State == ReceiptState.Failed && reader.Statistics.Compression == SourceCompression.None,
                IsReadWhole = keepsPlace ? claimed.IsReadWhole : isToEnd && position.Offset == from && receipt.Records > 0,
                ReadAt = clock.GetUtcNow(),
            },
            cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            // The claim ran out and another invocation took it over: it writes the same.
            return null;
        }

        if (!claimed.IsAppended && isDone)
        {
            await store.SettleAsync(stored, cancellationToken).ConfigureAwait(false);
            return null;
        }

        if (stored.ReadTo < claim.End)
        {
            await queue.SendAsync(claimed.Name, cancellationToken).ConfigureAwait(false);
            return null;
        }

        return stored.IsReadWhole || stored.IsRefused ? null : stored;
    }

    /// <summary>The progress of a blob as it is now; none if what is known is of one that it replaced.</summary>
    private static BlobProgress Of(string name, OpenedBlob opened, BlobProgress? known)
    {
        bool isSame = known is not null && known.Version == opened.Version && known.ReadTo <= opened.Length;
        BlobProgress progress = isSame
            ? known!
            : new BlobProgress(name, opened.Version) { IsAppended = opened.IsAppended, RowVersion = known?.RowVersion ?? default };
        return progress with { Length = opened.Length, ModifiedAt = opened.ModifiedAt };
    }

    /// <summary>What there is to be read now; null for nothing.</summary>
    private BlobClaim? Next(BlobProgress progress, OpenedBlob opened)
    {
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset until = now + options.ClaimPeriod;
        if (progress.Claim is { } claim)
        {
            return claim.Until > now ? null : claim with { Until = until, Attempts = claim.Attempts + 1 };
        }

        return IsDue(progress, opened.Length, opened.ModifiedAt, now)
            ? new BlobClaim(until, opened.Length, IsFinal(progress, opened.Length, opened.ModifiedAt, now), opened.ModifiedAt, 1)
            : null;
    }

    /// <summary>Whether a blob that is not being read has something to be read.</summary>
    internal bool IsDue(BlobProgress progress, long length, DateTimeOffset modifiedAt, DateTimeOffset now)
    {
        if (progress.IsRefused)
        {
            return false;
        }

        bool isResting = now - modifiedAt >= options.AppendQuietPeriod;
        return length > progress.ReadTo
            ? !progress.IsReadWhole || isResting || now - progress.ReadAt >= options.WholeAgainPeriod
            : length > 0 && !progress.IsFinal && isResting;
    }

    // What is complete is read first, so that its place is known when the rest is taken as it is.
    private bool IsFinal(BlobProgress progress, long length, DateTimeOffset modifiedAt, DateTimeOffset now) =>
        !progress.IsAppended || ((length == progress.ReadTo || progress.IsReadWhole) && now - modifiedAt >= options.AppendQuietPeriod);

    private void Remember(string name)
    {
        if (_names.Count >= NamesKept)
        {
            _names.Clear();
        }

        _names.TryAdd(name, 0);
    }
}
