using System.IO.Compression;
using System.Reflection;

namespace ServerlessTrace.TestSupport.Fuzzing;

/// <summary>The seeds: small sources of every format, committed beside this, plain and compressed.</summary>
internal sealed class FuzzCorpus
{
    private const string Folder = "Fuzzing.Seeds.";

    /// <summary>Reads the seeds, in order of their names.</summary>
    public FuzzCorpus()
    {
        Assembly assembly = typeof(FuzzCorpus).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] seed = new byte[stream.Length];
            stream.ReadExactly(seed);
            Plain.Add(seed);
        }

        Compressed = [.. Plain.SelectMany(seed => new[] { Compress(seed, 0), Compress(seed, 1), Compress(seed, 2) })];
    }

    /// <summary>The seeds as they are.</summary>
    public List<byte[]> Plain { get; } = [];

    /// <summary>The seeds in gzip, zlib and Zstandard.</summary>
    public List<byte[]> Compressed { get; }

    /// <summary>Compresses with gzip, zlib or Zstandard.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> content, int how)
    {
        if (how == 2)
        {
            using ZstdSharp.Compressor compressor = new();
            return compressor.Wrap(content).ToArray();
        }

        using MemoryStream compressed = new();
        using (Stream stream = how == 0 ? new GZipStream(compressed, CompressionLevel.Fastest) : new ZLibStream(compressed, CompressionLevel.Fastest))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }
}
