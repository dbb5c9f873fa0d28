using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

/// <summary>What reading one source gave: the records as text, and the statistics.</summary>
internal sealed class OtlpSource
{
    public List<string> Lines { get; } = [];

    public SourceStatistics Statistics { get; private set; } = new();

    public string? Unreadable { get; private set; }

    public string Text => string.Join("\n", Lines);

    /// <summary>Records and rejections, in full.</summary>
    public string Everything => Text + "\n" + string.Join("\n", Statistics.Rejections) + $"\n{Statistics.Records} {Statistics.SpanRecords} {Statistics.Rejected} {Statistics.Truncated} {Statistics.ServiceFromSource} {Unreadable}";

    public static OtlpSource Of(string content, ReadLimits? limits = null) => Of(Encoding.UTF8.GetBytes(content), limits);

    public static OtlpSource Of(byte[] content, ReadLimits? limits = null) => Of(new MemoryStream(content), limits);

    public static OtlpSource Of(Stream content, ReadLimits? limits = null)
    {
        OtlpSource source = new();
        SpanSourceReader reader = new(content, "shop.json", limits);
        SpanBatch batch = new();
        try
        {
            while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    source.Lines.Add(SpanBatchText.Describe(batch, i));
                }

                batch.Clear();
            }
        }
        catch (UnreadableSourceException unreadable)
        {
            source.Unreadable = unreadable.Message;
        }

        source.Statistics = reader.Statistics;
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return source;
    }
}
