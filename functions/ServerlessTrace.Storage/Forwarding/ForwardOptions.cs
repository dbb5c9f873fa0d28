using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Storage.Forwarding;

/// <summary>Whether and where sealed traces are forwarded to.</summary>
public sealed class ForwardOptions
{
    /// <summary>The URL that traces are posted to as OTLP/HTTP, such as <c>https://collector:4318/v1/traces</c>. Empty for nowhere. Default empty.</summary>
    [Url]
    public string? Endpoint { get; set; }

    /// <summary>How they are encoded. Default protobuf, which every receiver has to take (OTLP specification, "OTLP/HTTP"); JSON for those that only take that.</summary>
    public ForwardEncoding Encoding { get; set; } = ForwardEncoding.Protobuf;

    /// <summary>Headers of each request, as <c>name=value</c> separated by commas, for example a receiver's key. Default none.</summary>
    public string Headers { get; set; } = string.Empty;

    /// <summary>The length in bytes, before compression, at which a request is sent without more traces. Default 4 MiB.</summary>
    [Range(64 << 10, 64 << 20)]
    public int RequestBytes { get; set; } = 4 << 20;

    /// <summary>How long a request may take. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a receiver that is down is tried again before its traces are given up. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The pause after a first failure; it doubles up to 5 min. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether traces are forwarded before tail sampling, those that it drops included, or after it. Default false: after it.</summary>
    public bool BeforeSampling { get; set; }

    /// <summary>Whether anything is forwarded.</summary>
    public bool IsOn => !string.IsNullOrEmpty(Endpoint);
}
