using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export;

/// <summary>What exports in JSON write on, and the trace that they write.</summary>
internal sealed class ExportJson(Utf8JsonWriter writer, Trace trace) : ExportedTrace(trace)
{
    private const int FlushAt = 1 << 20;

    public Utf8JsonWriter Writer => writer;

    /// <summary>Hands on what was written once it is a megabyte.</summary>
    public void FlushIfFull()
    {
        if (writer.BytesPending > FlushAt)
        {
            writer.Flush();
        }
    }

    /// <summary>A text of the batch; what is no UTF-8 in it is replaced.</summary>
    public void Text(ReadOnlySpan<byte> property, int text) => writer.WriteString(property, Batch.Strings[text]);

    /// <summary>An id in hex digits.</summary>
    public void Id(ReadOnlySpan<byte> property, SpanId id)
    {
        Span<byte> digits = stackalloc byte[SpanId.HexLength];
        id.Format(digits);
        writer.WriteString(property, digits);
    }

    /// <summary>An id in hex digits.</summary>
    public void Id(ReadOnlySpan<byte> property, TraceId id)
    {
        Span<byte> digits = stackalloc byte[TraceId.HexLength];
        id.Format(digits);
        writer.WriteString(property, digits);
    }

    /// <summary>A 64-bit number as text, as protobuf's JSON has it.</summary>
    public void Digits(ReadOnlySpan<byte> property, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int written);
        writer.WriteString(property, digits[..written]);
    }

    /// <summary>A double; JSON has no notation for those that are not finite, so they are written as protobuf's JSON does.</summary>
    public void Number(ReadOnlySpan<byte> property, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(property, value);
        }
        else
        {
            writer.WriteString(property, double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }
    }

    /// <summary>An attribute as a property with a value of its own type; JSON stays JSON.</summary>
    public void Property(in ExportedAttribute attribute)
    {
        WriteName(in attribute);
        Value(attribute.Value);
    }

    /// <summary>A value of its own type; JSON stays JSON where it is well-formed.</summary>
    public void Value(in SpanAttribute attribute)
    {
        switch (attribute.Kind)
        {
            case AttributeKind.Int64:
                writer.WriteNumberValue(attribute.Bits);
                break;
            case AttributeKind.Double when double.IsFinite(attribute.Number):
                writer.WriteNumberValue(attribute.Number);
                break;
            case AttributeKind.Bool:
                writer.WriteBooleanValue(attribute.Bits != 0);
                break;
            case AttributeKind.Json when EmbeddedJson.TryRead(Batch.Strings[attribute.Text], out JsonDocument? document):
                using (document)
                {
                    document.RootElement.WriteTo(writer);
                }

                break;
            default:
                writer.WriteStringValue(AsText(in attribute));
                break;
        }
    }

    /// <summary>A value as text in UTF-8, valid until the batch changes.</summary>
    public ReadOnlySpan<byte> AsText(in SpanAttribute attribute) => attribute.IsText
        ? Batch.Strings[attribute.Text]
        : System.Text.Encoding.UTF8.GetBytes(Analysis.AttributeText.Of(Batch, in attribute));

    /// <summary>An attribute's key as a text.</summary>
    public void Key(ReadOnlySpan<byte> property, in ExportedAttribute attribute)
    {
        if (!attribute.IsPrefixed)
        {
            Text(property, attribute.Value.Key);
            return;
        }

        byte[] key = Prefixed(attribute.Value.Key, out int length);
        writer.WriteString(property, key.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(key);
    }

    /// <summary>An attribute's key as a property's name.</summary>
    public void WriteName(in ExportedAttribute attribute)
    {
        if (!attribute.IsPrefixed)
        {
            writer.WritePropertyName(Batch.Strings[attribute.Value.Key]);
            return;
        }

        byte[] key = Prefixed(attribute.Value.Key, out int length);
        writer.WritePropertyName(key.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(key);
    }

    /// <summary>Whole µs, rounded down: start and end alike, so that children stay inside their parents.</summary>
    public static long Micros(long nano) => nano / 1000;

    private byte[] Prefixed(int key, out int length)
    {
        ReadOnlySpan<byte> prefix = "baggage."u8;
        ReadOnlySpan<byte> name = Batch.Strings[key];
        byte[] prefixed = ArrayPool<byte>.Shared.Rent(prefix.Length + name.Length);
        prefix.CopyTo(prefixed);
        name.CopyTo(prefixed.AsSpan(prefix.Length));
        length = prefix.Length + name.Length;
        return prefixed;
    }
}
