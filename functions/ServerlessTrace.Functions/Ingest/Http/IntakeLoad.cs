using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Bounds the memory of posts: bodies while they are read, and spans until they are stored. Beyond it, senders are asked to repeat.</summary>
public sealed class IntakeLoad(HttpIntakeOptions options)
{
    private const int Pause = 1;

    private long _buffered;

    /// <summary>Bytes held now.</summary>
    public long Buffered => Interlocked.Read(ref _buffered);

    /// <summary>Counts bytes that are to be held.</summary>
    /// <exception cref="RefusedPostException">There are too many.</exception>
    internal void Reserve(long bytes)
    {
        if (Interlocked.Add(ref _buffered, bytes) > options.BufferedBytes)
        {
            Release(bytes);
            throw new RefusedPostException(StatusCodes.Status429TooManyRequests, "More comes in than can be stored at the moment: send this again later.", Pause);
        }
    }

    /// <summary>Counts bytes that are not held any more.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _buffered, -bytes);
}
