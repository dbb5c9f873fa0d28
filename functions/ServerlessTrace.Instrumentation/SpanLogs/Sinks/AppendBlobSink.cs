using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>
/// Appends to blobs in the container that the backend watches, which reads them as they grow. Every append says where it belongs
/// (<c>IfAppendPositionEqual</c>), so that one whose answer was lost is not made twice.
/// </summary>
/// <param name="container">The container, <c>span-logs</c>; created when absent.</param>
/// <param name="options">Names and ends of blobs.</param>
/// <param name="clock">The clock.</param>
public sealed class AppendBlobSink(BlobContainerClient container, AppendBlobSinkOptions options, TimeProvider? clock = null) : SpanLogSink
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly string _instance = Guid.NewGuid().ToString("n")[..8];
    private AppendBlobClient? _blob;
    private DateTimeOffset _opened;
    private long _length;
    private int _appends;
    private int _number;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        if (_blob is null || _length + lines.Length > options.BlobBytes || _appends >= options.BlobAppends || _clock.GetUtcNow() - _opened >= options.BlobAge)
        {
            _blob = await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await using Stream content = BinaryData.FromBytes(lines).ToStream();
            var position = new AppendBlobAppendBlockOptions { Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = _length } };
            await _blob.AppendBlockAsync(content, position, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException failure) when (failure.ErrorCode == BlobErrorCode.AppendPositionConditionNotMet)
        {
            await CheckAppendedAsync(lines.Length, failure, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException failure) when (failure.Status is 404 or 409)
        {
            // The blob was deleted, or takes no more: the next try begins another.
            _blob = null;
            throw;
        }

        _length += lines.Length;
        _appends++;
    }

    private async Task<AppendBlobClient> OpenAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        string name = string.Create(CultureInfo.InvariantCulture, $"{options.Name}/{now:yyyy-MM-dd}/{now:HHmmss}-{_instance}-{++_number}.ndjson");
        AppendBlobClient blob = container.GetAppendBlobClient(name);
        var headers = new AppendBlobCreateOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/x-ndjson" } };
        try
        {
            await blob.CreateAsync(headers, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException failure) when (failure.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await blob.CreateAsync(headers, cancellationToken).ConfigureAwait(false);
        }

        _opened = now;
        _length = 0;
        _appends = 0;
        return blob;
    }

    /// <summary>Nobody else writes to this blob: if it is as long as it should be now, the append was made and its answer lost.</summary>
    private async Task CheckAppendedAsync(int length, RequestFailedException failure, CancellationToken cancellationToken)
    {
        BlobProperties now = await _blob!.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        if (now.ContentLength != _length + length)
        {
            _blob = null;
            throw failure;
        }
    }
}
