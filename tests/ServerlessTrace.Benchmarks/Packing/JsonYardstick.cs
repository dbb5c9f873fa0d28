using System.Buffers;
using System.Text.Json;
using ZstdSharp;

namespace ServerlessTrace.Benchmarks.Packing;

/// <summary>What one would write first: source-generated JSON in zstd level 1, with reused buffers.</summary>
internal sealed class JsonYardstick : IDisposable
{
    private readonly ArrayBufferWriter<byte> _json = new(1 << 20);
    private readonly Compressor _compressor = new(1);
    private readonly Decompressor _decompressor = new();
    private readonly byte[] _buffer = new byte[4 << 20];

    public byte[] Pack(JsonSpan[] spans)
    {
        _json.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(_json))
        {
            JsonSerializer.Serialize(writer, spans, JsonSpanContext.Default.JsonSpanArray);
        }

        return _buffer.AsSpan(0, _compressor.Wrap(_json.WrittenSpan, _buffer)).ToArray();
    }

    public JsonSpan[]? Unpack(byte[] packed) =>
        JsonSerializer.Deserialize(_buffer.AsSpan(0, _decompressor.Unwrap(packed, _buffer)), JsonSpanContext.Default.JsonSpanArray);

    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }
}
