using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ServerlessTrace.Functions.Ingest.Blobs;

/// <summary>A blob in one version, and its content from some byte on.</summary>
internal sealed class OpenedBlob : IAsyncDisposable
{
    private readonly BlobDownloadStreamingResult? _download;

    private OpenedBlob(long from, BlobDownloadStreamingResult download)
    {
        _download = download;
        BlobDownloadDetails details = download.Details;
        From = from;
        Length = TotalLength(details);
        ETag = details.ETag;
        ModifiedAt = details.LastModified;
        IsAppended = details.BlobType == BlobType.Append;
        Metadata = details.Metadata;
        Version = VersionOf(IsAppended, details.CreatedOn, details.ETag);
    }

    private OpenedBlob(BlobProperties properties)
    {
        From = properties.ContentLength;
        Length = properties.ContentLength;
        ETag = properties.ETag;
        ModifiedAt = properties.LastModified;
        IsAppended = properties.BlobType == BlobType.Append;
        Metadata = properties.Metadata;
        Version = VersionOf(IsAppended, properties.CreatedOn, properties.ETag);
    }

    /// <summary>The first byte of the content.</summary>
    public long From { get; }

    /// <summary>The whole blob's length.</summary>
    public long Length { get; }

    /// <summary>Changes with every write.</summary>
    public ETag ETag { get; }

    /// <summary>When it was last written to.</summary>
    public DateTimeOffset ModifiedAt { get; }

    /// <summary>Whether it may be appended to.</summary>
    public bool IsAppended { get; }

    /// <summary>What its producer says of it.</summary>
    public IDictionary<string, string> Metadata { get; }

    /// <summary>Changes when the blob is replaced, not when it is appended to.</summary>
    public string Version { get; }

    /// <summary>The content from <see cref="From"/> on.</summary>
    public Stream Content => _download?.Content ?? Stream.Null;

    /// <summary>Opens a blob; null where it is gone.</summary>
    public static async Task<OpenedBlob?> OpenAsync(BlobClient blob, long from, long? end, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobDownloadOptions();
            if (from > 0 || end is not null)
            {
                options.Range = new HttpRange(from, end - from);
            }

            return new OpenedBlob(from, await blob.DownloadStreamingAsync(options, cancellationToken).ConfigureAwait(false));
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
        catch (RequestFailedException exception) when (exception.Status == 416)
        {
            // Nothing lies there: it has not grown, or has become shorter.
            return await LookAtAsync(blob, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for a blob's version without its content; null where it is gone.</summary>
    public static async Task<OpenedBlob?> LookAtAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return new OpenedBlob((await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Value);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    /// <summary>What tells a blob from one that replaced it.</summary>
    public static string VersionOf(bool isAppended, DateTimeOffset createdAt, ETag eTag) => isAppended
        ? string.Create(CultureInfo.InvariantCulture, $"created {createdAt.UtcTicks}")
        : eTag.ToString("H");

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _download?.Dispose();
        return ValueTask.CompletedTask;
    }

    // "bytes 100-199/1000"
    private static long TotalLength(BlobDownloadDetails details) =>
        details.ContentRange is { Length: > 0 } range && range.LastIndexOf('/') is var slash and > 0
            ? long.Parse(range.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture)
            : details.ContentLength;
}
