using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Bounds on what is taken in over HTTP, and how bodies are put together.</summary>
public sealed class HttpIntakeOptions
{
    /// <summary>The longest request body in bytes, as it is sent. Default 16 MiB.</summary>
    [Range(1_024, 256 << 20)]
    public int BodyBytes { get; set; } = 16 << 20;

    /// <summary>The longest request body in bytes when decompressed. Default 64 MiB.</summary>
    [Range(1_024, 1 << 30)]
    public int DecompressedBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of bodies that one instance holds at most, decompressed ones included; beyond it requests are asked to come again. Default 192 MiB.</summary>
    [Range(1_024, 1L << 34)]
    public long BufferedBytes { get; set; } = 192 << 20;

    /// <summary>The length in bytes at which a group of bodies is stored without waiting for more. Default 4 MiB.</summary>
    [Range(1_024, 64 << 20)]
    public int GroupBytes { get; set; } = 4 << 20;

    /// <summary>How long the first body of a group waits for others. Default 5 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Groups that may wait to be taken in; beyond it requests are asked to come again. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int Backlog { get; set; } = 1_000;

    /// <summary>How long storing a group may take before its senders are told that storage cannot be reached. Default 8 s: exporters give up after 10.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:03:00")]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(8);
}
