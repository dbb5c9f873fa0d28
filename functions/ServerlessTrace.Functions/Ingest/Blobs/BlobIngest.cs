using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.DurableTask.Client;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>
/// Takes in whatever is new of a blob: of a blob that was put there as a whole, the whole; of one that is appended to or is very
/// long, the next part. However often and by whomever it is asked, nothing is taken in twice.
/// </summary>
public sealed class BlobIngest(SpanIntake intake, BlobParts parts, IngestOptions options)
{
    /// <summary>Takes in what is new.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="durable">Starts what seals its traces.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="finders">Contexts of whoever found it; its producers' are in its metadata.</param>
    public async Task TakeAsync(BlobClient blob, DurableTaskClient durable, CancellationToken cancellationToken, IReadOnlyList<ActivityLink>? finders = null)
    {
        ArgumentNullException.ThrowIfNull(blob);
        if (parts.AreExpectedOf(blob.Name) && await parts.TakeAsync(blob, null, durable, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        OpenedBlob? opened = await OpenedBlob.OpenAsync(blob, 0, null, cancellationToken).ConfigureAwait(false);
        if (opened is null)
        {
            // Deleted before it was read: there is nothing to lose any more.
            return;
        }

        await using (opened.ConfigureAwait(false))
        {
            if (parts.IsReadInParts(opened) && await parts.TakeAsync(blob, opened, durable, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            await TakeWholeAsync(blob, opened, durable, finders ?? [], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The identity of a blob that is taken in as a whole.</summary>
    internal static ReceiptId WholeOf(string container, string name, DateTimeOffset modifiedAt, string version) =>
        new(modifiedAt, SourceId.OfBlob(container, name, version));

    private async Task TakeWholeAsync(
        BlobClient blob, OpenedBlob opened, DurableTaskClient durable, IReadOnlyList<ActivityLink> finders, CancellationToken cancellationToken)
    {
        ReceiptId source = WholeOf(blob.BlobContainerName, blob.Name, opened.ModifiedAt, opened.Version);
        if (await intake.IsKnownAsync(source, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        string title = $"{blob.BlobContainerName}/{blob.Name}";
        using Activity? span = ServiceTelemetry.StartIngest(title, [.. ProducerContexts.Of(opened.Metadata), .. finders]);
        var reader = new SpanSourceReader(opened.Content, blob.Name, options.ToReadLimits());
        await using (reader.ConfigureAwait(false))
        {
            var whole = new IngestSource(source, title, token => blob.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), token));
            await intake.IngestAsync(whole, reader, durable, cancellationToken).ConfigureAwait(false);
        }
    }
}
