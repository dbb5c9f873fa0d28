using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Opens posted bodies for reading.</summary>
internal static class PostedReaders
{
    /// <summary>A reader of a body, which sees for itself how it is compressed, whatever the header said.</summary>
    public static SpanSourceReader Open(in PostedBody body, ReadLimits limits) =>
        new(BinaryData.FromBytes(body.Content).ToStream(), body.Source.Length > 0 ? body.Source : "unknown", limits);

    /// <summary>A stream of a body without its content coding.</summary>
    public static Stream Decoded(in PostedBody body) => BodyCodings.Decode(BinaryData.FromBytes(body.Content).ToStream(), body.Coding);
}
