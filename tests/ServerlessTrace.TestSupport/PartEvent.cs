using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.TestSupport;

/// <summary>An event of a <see cref="SpanPart"/>.</summary>
public sealed record PartEvent(long Time, string Name, IReadOnlyList<PartAttribute> Attributes)
{
    internal static IReadOnlyList<PartEvent> Of(SpanBatch batch, in SpanRecord record)
    {
        var parts = new List<PartEvent>(record.EventCount);
        foreach (SpanEvent spanEvent in batch.Events(in record))
        {
            parts.Add(new PartEvent(spanEvent.TimeUnixNano, batch.Text(spanEvent.Name), PartAttribute.Of(batch, batch.Attributes(in spanEvent))));
        }

        return parts;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time} '{Name}' {PartAttribute.Text(Attributes)}");
}
