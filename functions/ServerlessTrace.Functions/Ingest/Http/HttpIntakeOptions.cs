using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Bounds on posts, and how they are grouped.</summary>
public sealed class HttpIntakeOptions
{
    /// <summary>The longest request body in bytes, as it is sent. Default 16 MiB.</summary>
    [Range(1_024, 256 << 20)]
    public int BodyBytes { get; set; } = 16 << 20;

    /// <summary>The longest request body in bytes when decompressed. Default 64 MiB.</summary>
    [Range(1_024, 1 << 30)]
    public int DecompressedBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of bodies, and of their spans until they are stored, that one instance holds at most; beyond it senders are asked to repeat. Default 192 MiB.</summary>
    [Range(1_024, 1L << 34)]
    public long BufferedBytes { get; set; } = 192 << 20;

    /// <summary>The size in memory, in bytes, at which a group of posts is stored beside earlier ones. Default 8 MiB, some 10,000 spans.</summary>
    [Range(1_024, 64 << 20)]
    public int GroupBytes { get; set; } = 8 << 20;

    /// <summary>How long a group gathers posts at most while an earlier one is being stored. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a post may take to be stored before its sender is asked to repeat. Default 8 s: exporters give up after 10.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:03:00")]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(8);
}
