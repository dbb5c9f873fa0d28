namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Delivers its bytes in pieces of any size.</summary>
internal sealed class TricklingStream(byte[] content, Random random) : MemoryStream(content)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 500))], cancellationToken);
}
