using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>Writes an AnyValue that is an array or a list of key-value pairs as plain JSON: both encodings give the same text.</summary>
internal sealed class OtlpValueText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>Where the value is written.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>An empty text.</summary>
    public OtlpValueText() => Json = new Utf8JsonWriter(_text, Options);

    /// <summary>Begins a value.</summary>
    public void Begin()
    {
        _text.ResetWrittenCount();
        Json.Reset();
    }

    /// <summary>Adds what was written as an attribute. Cut JSON is no JSON any more, so that is plain text.</summary>
    public void AddTo(OtlpAttributes attributes, int key, int maximumLength)
    {
        Json.Flush();
        ReadOnlySpan<byte> text = _text.WrittenSpan;
        attributes.Add(key, text.Length > maximumLength ? AttributeKind.String : AttributeKind.Json, attributes.Intern(text));
    }

    /// <summary>Writes a number, which JSON has no notation for if it is not finite.</summary>
    public void Write(double value)
    {
        if (double.IsFinite(value))
        {
            Json.WriteNumberValue(value);
        }
        else
        {
            Json.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }
    }
}
