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

    /// <summary>How the body was compressed.</summary>
    public BodyCoding Coding { get; private set; }

    /// <summary>The body as it was sent.</summary>
    public ReadOnlyMemory<byte> Sent => _sent.Written;

    /// <summary>The body without its content coding.</summary>
    public ReadOnlyMemory<byte> Content => _decoded is null ? _sent.Written : _decoded.Written;

    /// <summary>Reads a body and decompresses it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mayBeFile">Whether the body may be a compressed file whose header says nothing: one that is corrupt is left as it is.</param>
    /// <param name="load">Counts the memory.</param>
    /// <param name="options">The limits.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="RefusedPostException">It is too long (413), wrongly compressed (400, 415), or there is no room (429).</exception>
    public static async Task<RequestBody> ReadAsync(
        HttpRequest request, bool mayBeFile, IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        RequestBody body = await ReadSentAsync(request, load, options, cancellationToken).ConfigureAwait(false);
        try
        {
            if (body.Coding != BodyCoding.Identity)
            {
                await body.DecodeAsync(load, options, cancellationToken).ConfigureAwait(false);
            }
            else if (mayBeFile && BodyCodings.IsGzip(body.Sent.Span))
            {
                await body.TryDecodeFileAsync(load, options, cancellationToken).ConfigureAwait(false);
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

    private async Task TryDecodeFileAsync(IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        Coding = BodyCoding.Gzip;
        try
        {
            await DecodeAsync(load, options, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedPostException corrupt) when (corrupt.Status == StatusCodes.Status400BadRequest)
        {
            // The reader of files reads what it can, and the receipt says what is wrong.
            Coding = BodyCoding.Identity;
            _decoded?.Dispose();
            _decoded = null;
        }
    }

    private async Task DecodeAsync(IntakeLoad load, HttpIntakeOptions options, CancellationToken cancellationToken)
    {
        _decoded = new BoundedBytes(
            load, options.DecompressedBytes, $"The body is longer than {options.DecompressedBytes} bytes when decompressed: send less at once.");
        long expected = Sent.Length * 4L;
        Stream decoded = BodyCodings.Decode(BinaryData.FromBytes(Sent).ToStream(), Coding);
        await using (decoded.ConfigureAwait(false))
        {
            try
            {
                await _decoded.ReadAsync(decoded, expected <= options.DecompressedBytes ? expected : 0, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException corrupt)
            {
                throw new RefusedPostException(
                    StatusCodes.Status400BadRequest, $"The body is not what its compression ({Coding}) makes: {corrupt.Message}", cause: corrupt);
            }
        }
    }
}
