using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>A request's body in bounded memory, as it was sent and, where asked for, decompressed.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly BoundedBytes _sent;
    private BoundedBytes? _decoded;

    private RequestBody(BoundedBytes sent, BodyCoding coding)
    {
        _sent = sent;
        Coding = coding;
    }

    /// <summary>How the body is compressed, as its header says.</summary>
    public BodyCoding Coding { get; }

    /// <summary>The body as it was sent.</summary>
    public ReadOnlyMemory<byte> Sent => _sent.Written;

    /// <summary>The body without its content coding.</summary>
    public ReadOnlyMemory<byte> Content => _decoded is null ? _sent.Written : _decoded.Written;

    /// <summary>Reads a body whose content the caller looks at.</summary>
    /// <exception cref="RefusedPostException">It is too long (413), wrongly compressed (400, 415), or there is no room (429).</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        RequestBody body = await ReadSentAsync(request, load, options, cancellationToken).ConfigureAwait(false);
        try
        {
            if (body.Coding != BodyCoding.Identity)
            {
                body._decoded = new BoundedBytes(load, options.DecompressedBytes, TooLongDecompressed(options));
                await body.DecodeAsync(
                    body.Coding, stream => body._decoded.ReadAsync(stream, (long)body.Sent.Length * 4 <= options.DecompressedBytes ? body.Sent.Length * 4 : 0, cancellationToken))
                    .ConfigureAwait(false);
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Reads a body that is looked at later; it is only measured, whether compressed on the way or in itself.</summary>
    /// <exception cref="RefusedPostException">It is too long (413), wrongly compressed (400, 415), or there is no room (429).</exception>
    public static async Task<RequestBody> ReadUnseenAsync(HttpRequest request, IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        RequestBody body = await ReadSentAsync(request, load, options, cancellationToken).ConfigureAwait(false);
        try
        {
            if (body.Coding != BodyCoding.Identity)
            {
                await body.DecodeAsync(body.Coding, stream => MeasureAsync(stream, options, cancellationToken)).ConfigureAwait(false);
            }
            else if (BodyCodings.IsGzip(body.Sent.Span))
            {
                // A compressed file that is corrupt gets a receipt that says so, as a dropped one does.
                await IgnoreCorruptAsync(body.DecodeAsync(BodyCoding.Gzip, stream => MeasureAsync(stream, options, cancellationToken))).ConfigureAwait(false);
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _sent.Dispose();
        _decoded?.Dispose();
    }

    private static async Task<RequestBody> ReadSentAsync(HttpRequest request, IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        load.CheckBacklog();
        if (BodyCodings.Of(request.Headers.ContentEncoding.ToString()) is not { } coding)
        {
            request.HttpContext.Response.Headers[HeaderNames.AcceptEncoding] = BodyCodings.Accepted;
            throw new RefusedPostException(
                StatusCodes.Status415UnsupportedMediaType, $"This Content-Encoding is not read: send the body with one of {BodyCodings.Accepted}.");
        }

        var sent = new BoundedBytes(load, options.BodyBytes, $"The body is longer than {options.BodyBytes} bytes: send less at once.");
        try
        {
            await sent.ReadAsync(request.Body, request.ContentLength ?? 0, cancellationToken).ConfigureAwait(false);
            return new RequestBody(sent, coding);
        }
        catch
        {
            sent.Dispose();
            throw;
        }
    }

    private static string TooLongDecompressed(HttpIntakeOptions options) =>
        $"The body is longer than {options.DecompressedBytes} bytes when decompressed: send less at once.";

    private static async Task MeasureAsync(Stream content, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            long length = 0;
            for (int read; (read = await content.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                length += read;
                if (length > options.DecompressedBytes)
                {
                    throw new RefusedPostException(StatusCodes.Status413PayloadTooLarge, TooLongDecompressed(options));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static async Task IgnoreCorruptAsync(Task decoding)
    {
        try
        {
            await decoding.ConfigureAwait(false);
        }
        catch (RefusedPostException corrupt) when (corrupt.Status == StatusCodes.Status400BadRequest)
        {
        }
    }

    private async Task DecodeAsync(BodyCoding coding, Func<Stream, Task> read)
    {
        Stream decoded = BodyCodings.Decode(BinaryData.FromBytes(Sent).ToStream(), coding);
        await using (decoded.ConfigureAwait(false))
        {
            try
            {
                await read(decoded).ConfigureAwait(false);
            }
            catch (InvalidDataException corrupt)
            {
                throw new RefusedPostException(
                    StatusCodes.Status400BadRequest, $"The body is not what its compression ({coding}) makes: {corrupt.Message}", cause: corrupt);
            }
        }
    }
}
