using System.IO.Compression;
using System.Text;
using ServerlessTrace.Core.Formats;
using ZstdSharp;

namespace ServerlessTrace.Core.Tests.Formats.Compression;

public sealed class CompressionTests
{
    private static byte[] Lines(int count, int from = 0) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(from, count).Select(i =>
        $$"""{"timestamp":"2026-02-26T18:00:00Z","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"{{i + 1:x16}}","span_name":"work {{(i * 7919) % 104729}}","event":"span_end","duration_ms":3}""" + "\n")));

    private static byte[] Compress(SourceCompression compression, byte[] content)
    {
        MemoryStream compressed = new();
        using (Stream stream = compression switch
        {
            SourceCompression.Gzip => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            SourceCompression.Zlib => new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new CompressionStream(compressed, leaveOpen: true),
        })
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }

    public static TheoryData<SourceCompression> All => [SourceCompression.Gzip, SourceCompression.Zlib, SourceCompression.Zstandard];

    [Theory]
    [MemberData(nameof(All))]
    public void Compressed_content_reads_as_it_does_plain(SourceCompression compression)
    {
        byte[] plain = Lines(2000);
        ReadSource read = ReadSource.Of(Compress(compression, plain));
        Assert.Equal(compression, read.Statistics.Compression);
        Assert.Null(read.Unreadable);
        Assert.Equal(ReadSource.Of(plain).Describe(), read.Describe());
        Assert.Equal(read.Describe(), ReadSource.Of(new OneByteStream(Compress(compression, plain), 13)).Describe());
    }

    [Theory]
    [InlineData(SourceCompression.Gzip)]
    [InlineData(SourceCompression.Zstandard)]
    public void Members_one_after_another_are_one_source(SourceCompression compression)
    {
        ReadSource read = ReadSource.Of([.. Compress(compression, Lines(1000)), .. Compress(compression, Lines(1000, 1000)), .. Compress(compression, Lines(1, 2000))]);
        Assert.Equal(2001, read.Spans.Count);
        Assert.Null(read.Unreadable);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_came_before_corruption_is_kept(SourceCompression compression)
    {
        byte[] compressed = Compress(compression, Lines(20_000));
        ReadSource cut = ReadSource.Of(compressed[..(compressed.Length * 3 / 4)]);
        Assert.Contains("corrupt or cut off", cut.Unreadable, StringComparison.Ordinal);
        Assert.InRange(cut.Spans.Count, 5_000, 19_999);

        compressed.AsSpan(compressed.Length * 3 / 4).Fill(0xAA);
        ReadSource corrupt = ReadSource.Of(compressed);
        Assert.Contains("corrupt or cut off", corrupt.Unreadable, StringComparison.Ordinal);
        Assert.NotEmpty(corrupt.Spans);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_bomb_is_refused_before_it_bursts(SourceCompression compression)
    {
        ReadSource read = ReadSource.Of(Compress(compression, [.. Lines(10), .. new byte[80 << 20].Select(_ => (byte)' ')]), limits: new ReadLimits { DecompressionRatio = 100 });
        Assert.Contains("decompression bomb", read.Unreadable, StringComparison.Ordinal);
        Assert.InRange(read.Statistics.DecompressedBytes, 64 << 20, 66 << 20);
        Assert.Equal(10, read.Spans.Count);
    }

    [Fact]
    public void A_window_beyond_the_limit_is_refused()
    {
        MemoryStream compressed = new();
        using (CompressionStream stream = new(compressed, leaveOpen: true))
        {
            stream.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_windowLog, 24);
            for (int i = 0; i < 200; i++)
            {
                stream.Write(Lines(1000, i * 1000));
            }
        }

        Assert.Contains("corrupt", ReadSource.Of(compressed.ToArray(), limits: new ReadLimits { DecompressionWindowLog = 20 }).Unreadable, StringComparison.Ordinal);
        Assert.Equal(200_000, ReadSource.Of(compressed.ToArray()).Spans.Count);
    }

    [Fact]
    public void Text_that_begins_like_zlib_is_text()
    {
        Assert.Equal(SourceCompression.None, ReadSource.Of("x marks the spot").Statistics.Compression);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_queue_message_may_be_compressed(SourceCompression compression)
    {
        byte[] compressed = Compress(compression, Lines(1));
        Assert.Single(ReadSource.OfMessage(Convert.ToBase64String(compressed)).Spans);
    }
}
