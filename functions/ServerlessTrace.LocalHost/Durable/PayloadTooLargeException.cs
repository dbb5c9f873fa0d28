namespace ServerlessTrace.LocalHost.Durable;

/// <summary>An input, result, event or status is larger than a history takes.</summary>
#pragma warning disable CA1032 // Only the engine throws it, always with sizes.
public sealed class PayloadTooLargeException(string what, int bytes, int limit)
    : InvalidOperationException($"The {what} is {bytes} bytes of JSON; at most {limit} fit into an orchestration's history. Pass a key to it instead.");
#pragma warning restore CA1032
