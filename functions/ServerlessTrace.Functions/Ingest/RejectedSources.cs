using System.Buffers;
using System.Text.Unicode;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>
/// Copies sources that cannot be read to where users look for such. Of text the copy is redacted like the texts of spans are. What is compressed or
/// binary shows no names and no values to be redacted: it is copied as it is, or not at all, as the options say.
/// </summary>
public sealed class RejectedSources(StorageClients storage, Redactor redactor, RedactionOptions options)
{
    /// <summary>What is redacted at a time; a secret lies across two such pieces only if no line and no word ends between.</summary>
    private const int PieceBytes = 1 << 20;

    private const int ProbeBytes = 4 << 10;

    private static readonly SearchValues<byte> BinaryBytes = SearchValues.Create([0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31]);

    /// <summary>Copies a source, over an earlier copy.</summary>
    /// <param name="blob">What the copy is called.</param>
    /// <param name="receipt">The receipt that tells of the source.</param>
    /// <param name="source">What the receipt calls it.</param>
    /// <param name="reason">Why it cannot be read.</param>
    /// <param name="open">Opens it from its start.</param>
    /// <param name="cancellationToken">Cancels; a redelivery repeats.</param>
    public async Task PutAsync(
        string blob, ReceiptId receipt, string source, string reason, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        Stream content = await open(cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            byte[] piece = new byte[PieceBytes];
            int length = await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            bool isRedacted = redactor.IsEnabled && IsText(piece.AsSpan(0, length));
            if (redactor.IsEnabled && !isRedacted && !options.KeepUnreadable)
            {
                return;
            }

            var metadata = new Dictionary<string, string>
            {
                ["reason"] = MetadataText.Of(redactor.Redact(reason)),
                ["source"] = MetadataText.Of(source),
                ["receipt"] = receipt.RowKey,
                ["redacted"] = isRedacted ? "yes" : "no",
            };
            Stream copy = await storage.Rejected.GetBlobClient(blob).OpenWriteAsync(
                overwrite: true, new BlobOpenWriteOptions { Metadata = metadata }, cancellationToken).ConfigureAwait(false);
            await using (copy.ConfigureAwait(false))
            {
                await CopyAsync(piece, length, content, copy, isRedacted, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CopyAsync(byte[] piece, int length, Stream content, Stream copy, bool isRedacted, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            int end = isRedacted && length == piece.Length ? EndOfWhole(piece) : length;
            await copy.WriteAsync(isRedacted ? redactor.Redact(piece.AsSpan(0, end)) : piece.AsMemory(0, end), cancellationToken).ConfigureAwait(false);
            piece.AsSpan(end, length - end).CopyTo(piece);
            length -= end;
            length += await content.ReadAtLeastAsync(piece.AsMemory(length), piece.Length - length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int EndOfWhole(ReadOnlySpan<byte> piece)
    {
        int line = piece.LastIndexOf((byte)'\n');
        int end = line >= 0 ? line : piece.LastIndexOf((byte)' ');
        return end >= 0 ? end + 1 : piece.Length;
    }

    private static bool IsText(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> probe = content[..Math.Min(content.Length, ProbeBytes)];

        // The probe may end inside a character.
        for (int cut = 0; cut <= 3 && cut <= probe.Length; cut++)
        {
            if (Utf8.IsValid(probe[..^cut]))
            {
                return !probe.ContainsAny(BinaryBytes);
            }
        }

        return false;
    }
}
