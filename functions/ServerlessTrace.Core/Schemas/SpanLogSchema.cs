namespace ServerlessTrace.Core.Schemas;

/// <summary>The JSON Schema (draft 2020-12) of span logs as senders should write them; the reader takes more.</summary>
public static class SpanLogSchema
{
    private const string Resource = "Schemas.span-log.json";

    /// <summary>The schema's text, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Json { get; } = Read();

    private static byte[] Read()
    {
        using Stream stream = typeof(SpanLogSchema).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks {Resource}.");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
