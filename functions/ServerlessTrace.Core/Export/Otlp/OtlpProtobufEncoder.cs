using System.Buffers.Binary;
using System.Buffers.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>OTLP in protobuf's binary form, into a message that the caller keeps.</summary>
internal sealed class OtlpProtobufEncoder(ProtobufText message) : OtlpEncoder
{
    private readonly Stack<int> _begun = [];

    public override void BeginMessage(OtlpMember member) => _begun.Push(message.Begin(member.Number));

    public override void BeginItem(OtlpMember list) => BeginMessage(list);

    public override void EndMessage() => message.End(_begun.Pop());

    public override void BeginList(OtlpMember member)
    {
        // A list is its items, each under the list's number.
    }

    public override void EndList()
    {
    }

    public override void Text(OtlpMember member, ReadOnlySpan<byte> utf8) => message.Always(member.Number, Utf8Text.Repair(utf8));

    public override void Bytes(OtlpMember member, ReadOnlySpan<byte> base64)
    {
        byte[] bytes = base64.ToArray();
        bool isBase64 = Base64.DecodeFromUtf8InPlace(bytes, out int length) == System.Buffers.OperationStatus.Done;
        message.Always(member.Number, isBase64 ? bytes.AsSpan(0, length) : base64);
    }

    public override void Id(OtlpMember member, TraceId id)
    {
        Span<byte> bytes = stackalloc byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], id.Low);
        message.Always(member.Number, bytes);
    }

    public override void Id(OtlpMember member, SpanId id)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id.Value);
        message.Always(member.Number, bytes);
    }

    public override void Time(OtlpMember member, long unixNano) => message.Fixed64(member.Number, (ulong)unixNano);

    public override void Integer(OtlpMember member, long value) => message.Number(member.Number, (ulong)value);

    public override void Number(OtlpMember member, double value) => message.Fixed64(member.Number, BitConverter.DoubleToUInt64Bits(value));

    public override void Bool(OtlpMember member, bool value) => message.Number(member.Number, value ? 1UL : 0UL);

    public override void Enumeration(OtlpMember member, int value) => message.Number(member.Number, (ulong)value);
}
