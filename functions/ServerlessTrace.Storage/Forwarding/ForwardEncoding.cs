namespace ServerlessTrace.Storage.Forwarding;

/// <summary>How traces are encoded that are forwarded.</summary>
public enum ForwardEncoding
{
    /// <summary>OTLP in protobuf's binary form.</summary>
    Protobuf = 0,

    /// <summary>OTLP as JSON.</summary>
    Json = 1,
}
