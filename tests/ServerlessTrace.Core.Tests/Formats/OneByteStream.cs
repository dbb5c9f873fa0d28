namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Delivers a few bytes at a time, as a slow network does.</summary>
internal sealed class OneByteStream(byte[] content, int step = 1) : MemoryStream(content)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
}
