using System.Globalization;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Validation;

/// <summary>Notes what of sources could not be read, as the reader says it. Who sent a record that could not be read is known where its source is of one service.</summary>
internal sealed class SourceLint(FindingsBySender senders, SpanBatch batch)
{
    /// <summary>Notes what was found in a source.</summary>
    public void Read(string source, SourceStatistics statistics, string? problem, int firstRecord)
    {
        if (problem is null && statistics.Rejected == 0 && statistics.Records > 0)
        {
            return;
        }

        Findings findings = senders.Of(SenderOf(source, firstRecord));
        if (problem is not null)
        {
            findings.Add(Rule.Unreadable, problem, source);
        }
        else if (statistics is { Records: 0, Rejected: 0 })
        {
            findings.Add(Rule.Unreadable, "a source holds no records", source);
        }

        foreach (Rejection rejection in statistics.Rejections)
        {
            string place = rejection.Line > 0 ? $"{source}:{rejection.Line}" : $"{source}, offset {rejection.Offset}";
            findings.Add(Rule.Rejected, rejection.Reason, string.Create(CultureInfo.InvariantCulture, $"{place}: {rejection.Excerpt}"));
        }

        long others = statistics.Rejected - statistics.Rejections.Count;
        if (others > 0)
        {
            findings.Add(Rule.Rejected, string.Create(CultureInfo.InvariantCulture, $"{others} more records could not be read"), source);
        }
    }

    /// <summary>Counts the records of each sender, before they are merged.</summary>
    public static void Count(FindingsBySender senders, SpanBatch records)
    {
        foreach (ref readonly SpanRecord record in records.Spans)
        {
            senders.Of(records.Text(record.Service)).Records++;
        }
    }

    private string SenderOf(string source, int firstRecord)
    {
        ReadOnlySpan<SpanRecord> records = batch.Spans[firstRecord..];
        for (int i = 1; i < records.Length; i++)
        {
            if (records[i].Service != records[0].Service)
            {
                return source;
            }
        }

        return records.IsEmpty ? source : batch.Text(records[0].Service);
    }
}
