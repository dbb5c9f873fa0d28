using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>OTLP's JSON (OTLP specification, "JSON Protobuf Encoding": ids in hex, 64-bit integers as text, enumerations as numbers, names in lowerCamelCase).</summary>
internal sealed class OtlpJsonEncoder(ExportJson json) : OtlpEncoder
{
    private readonly Utf8JsonWriter _writer = json.Writer;

    public override void BeginMessage(OtlpMember member) => _writer.WriteStartObject(member.Name);

    public override void BeginItem(OtlpMember list) => _writer.WriteStartObject();

    public override void EndMessage() => _writer.WriteEndObject();

    public override void BeginList(OtlpMember member) => _writer.WriteStartArray(member.Name);

    public override void EndList() => _writer.WriteEndArray();

    public override void Text(OtlpMember member, ReadOnlySpan<byte> utf8) => _writer.WriteString(member.Name, utf8);

    public override void Bytes(OtlpMember member, ReadOnlySpan<byte> base64) => _writer.WriteString(member.Name, base64);

    public override void Id(OtlpMember member, TraceId id) => json.Id(member.Name, id);

    public override void Id(OtlpMember member, SpanId id) => json.Id(member.Name, id);

    public override void Time(OtlpMember member, long unixNano) => json.Digits(member.Name, unixNano);

    public override void Integer(OtlpMember member, long value) => json.Digits(member.Name, value);

    public override void Number(OtlpMember member, double value) => json.Number(member.Name, value);

    public override void Bool(OtlpMember member, bool value) => _writer.WriteBoolean(member.Name, value);

    public override void Enumeration(OtlpMember member, int value) => _writer.WriteNumber(member.Name, value);

    public override void FlushIfFull() => json.FlushIfFull();
}
