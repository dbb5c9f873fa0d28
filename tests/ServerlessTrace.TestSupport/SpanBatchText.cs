using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>
/// A batch's content as text, a line a record: two batches with equal descriptions hold the same records in the same order,
/// whatever numbers their texts have and wherever their ranges begin.
/// </summary>
public static class SpanBatchText
{
    public static string Describe(SpanBatch batch)
    {
        StringBuilder text = new();
        for (int i = 0; i < batch.Count; i++)
        {
            text.AppendLine(Describe(batch, i));
        }

        return text.ToString();
    }

    public static string Describe(SpanBatch batch, int index)
    {
        StringBuilder text = new();
        SpanRecord span = batch[index];
        text.Append(CultureInfo.InvariantCulture, $"{span.TraceId}/{span.SpanId}<{span.ParentSpanId} ")
            .Append(CultureInfo.InvariantCulture, $"{(byte)span.Kind},{(byte)span.Status},{(ushort)span.Flags} ")
            .Append(CultureInfo.InvariantCulture, $"{span.StartUnixNano}..{span.EndUnixNano} reported+1={span.ReportedDurationPlusOne} ")
            .Append(CultureInfo.InvariantCulture, $"{Quote(batch, span.Service)} {Quote(batch, span.Name)} ")
            .Append(CultureInfo.InvariantCulture, $"{Quote(batch, span.StatusMessage)} {Quote(batch, span.TraceState)} shared");
        Describe(text, batch, batch.SharedAttributes(span));
        text.Append(" own");
        Describe(text, batch, batch.Attributes(span));
        foreach (SpanEvent spanEvent in batch.Events(span))
        {
            text.Append(CultureInfo.InvariantCulture, $" event {spanEvent.TimeUnixNano} {Quote(batch, spanEvent.Name)}");
            Describe(text, batch, batch.Attributes(spanEvent));
        }

        foreach (SpanLink link in batch.Links(span))
        {
            text.Append(CultureInfo.InvariantCulture, $" link {link.TraceId}/{link.SpanId}");
            Describe(text, batch, batch.Attributes(link));
        }

        return text.ToString();
    }

    private static void Describe(StringBuilder text, SpanBatch batch, ReadOnlySpan<SpanAttribute> attributes)
    {
        text.Append('{');
        foreach (SpanAttribute attribute in attributes)
        {
            string value = attribute.IsText ? Quote(batch, attribute.Text) : attribute.Bits.ToString(CultureInfo.InvariantCulture);
            text.Append(Quote(batch, attribute.Key))
                .Append(CultureInfo.InvariantCulture, $":{(byte)attribute.Kind},{(byte)attribute.Scope},{(byte)attribute.Rank}={value};");
        }

        text.Append('}');
    }

    /// <summary>Texts that are no UTF-8 are written in hex, so that no two texts look alike.</summary>
    private static string Quote(SpanBatch batch, int id)
    {
        ReadOnlySpan<byte> utf8 = batch.Strings[id];
        return Utf8.IsValid(utf8) ? $"'{Encoding.UTF8.GetString(utf8)}'" : $"x'{Convert.ToHexStringLower(utf8)}'";
    }
}
