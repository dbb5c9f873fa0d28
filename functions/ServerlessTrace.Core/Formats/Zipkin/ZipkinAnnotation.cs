namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>An annotation of version 1.</summary>
internal readonly record struct ZipkinAnnotation
{
    /// <summary>When it was made, in ns since 1970.</summary>
    public long Time { get; init; }

    /// <summary>The number of its text.</summary>
    public int Value { get; init; }

    /// <summary>Who made it.</summary>
    public ZipkinEndpoint Endpoint { get; init; }

    /// <summary>What it says of the span; nothing if it is an event.</summary>
    public ZipkinCore Kind { get; init; }

    /// <summary>What an annotation of a text says of the span.</summary>
    public static ZipkinCore KindOf(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("cs"u8) ? ZipkinCore.ClientSent
        : value.SequenceEqual("cr"u8) ? ZipkinCore.ClientReceived
        : value.SequenceEqual("sr"u8) ? ZipkinCore.ServerReceived
        : value.SequenceEqual("ss"u8) ? ZipkinCore.ServerSent
        : value.SequenceEqual("ms"u8) ? ZipkinCore.MessageSent
        : value.SequenceEqual("mr"u8) ? ZipkinCore.MessageReceived
        : ZipkinCore.None;
}
