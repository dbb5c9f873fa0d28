using System.Globalization;
using System.Text;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>OTLP requests for traces, written byte by byte (<c>trace_service.proto</c>, <c>trace.proto</c>).</summary>
internal static class OtlpMessages
{
    private const long Start = 1_772_128_800_000_000_000;

    public static string JsonRequest(params string[] spans) =>
        $$$"""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"otlp-shop"}}]},"scopeSpans":[{"scope":{"name":"test"},"spans":[{{{string.Join(',', spans)}}}]}]}],"unknownField":1}""";

    public static string JsonSpan(string trace, string span) =>
        $$"""{"traceId":"{{trace}}","spanId":"{{span}}","name":"work","kind":2,"startTimeUnixNano":"1772128800000000000","endTimeUnixNano":"1772128800100000000"}""";

    public static byte[] Request(params byte[][] spans)
    {
        byte[] service = Field(1, Field(1, [.. Field(1, "service.name"u8), .. Field(2, Field(1, "otlp-shop"u8))]));
        byte[] scope = Field(2, [.. spans.SelectMany(span => Field(2, span))]);
        return Field(1, [.. service, .. scope]);
    }

    public static byte[] Span(string trace, ulong span, ulong parent = 0, int attributes = 0) =>
    [
        .. Field(1, Convert.FromHexString(trace)),
        .. Field(2, BitConverter.GetBytes(span)),
        .. parent == 0 ? [] : Field(4, BitConverter.GetBytes(parent)),
        .. Field(5, "work"u8),
        0x30, 2,
        0x39, .. BitConverter.GetBytes(Start + ((long)span * 1_000_000)),
        0x41, .. BitConverter.GetBytes(Start + 900_000_000),
        .. Enumerable.Range(0, attributes).SelectMany(i => Attribute($"attribute.{i}", Value(i))),
    ];

    /// <summary>A request of whole traces of ten spans, with six attributes each, three of them different in every span.</summary>
    public static byte[] Request(int spans) => Request(
    [
        .. Enumerable.Range(0, (spans + 9) / 10).SelectMany(trace =>
        {
            string id = Guid.NewGuid().ToString("n");
            return Enumerable.Range(1, Math.Min(10, spans - (trace * 10))).Select(span => Span(id, (ulong)span, span == 1 ? 0 : 1ul, attributes: 6));
        }),
    ]);

    private static string Value(int attribute) =>
        attribute < 3 ? string.Create(CultureInfo.InvariantCulture, $"the same long value of attribute {attribute}") : Guid.NewGuid().ToString();

    private static byte[] Attribute(string key, string value) =>
        Field(9, [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, Field(1, Encoding.UTF8.GetBytes(value)))]);

    private static byte[] Field(int number, ReadOnlySpan<byte> bytes)
    {
        var length = new List<byte>();
        for (int rest = bytes.Length; ; rest >>= 7)
        {
            length.Add((byte)(rest < 0x80 ? rest : rest | 0x80));
            if (rest < 0x80)
            {
                return [(byte)((number << 3) | 2), .. length, .. bytes];
            }
        }
    }
}
