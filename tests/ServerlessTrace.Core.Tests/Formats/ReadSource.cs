using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Everything a reader made of one source, as plain values.</summary>
internal sealed class ReadSource
{
    public List<ReadSpan> Spans { get; } = [];

    public SourceStatistics Statistics { get; private set; } = new();

    public string? Unreadable { get; private set; }

    public ReadSpan Only => Assert.Single(Spans);

    public Rejection Rejection => Assert.Single(Statistics.Rejections);

    public static ReadSource Of(string content, string name = "payment-service.log", ReadLimits? limits = null) =>
        Of(Encoding.UTF8.GetBytes(content), name, limits);

    public static ReadSource Of(byte[] content, string name = "payment-service.log", ReadLimits? limits = null) =>
        Of(new MemoryStream(content), name, limits);

    public static ReadSource Of(Stream content, string name = "payment-service.log", ReadLimits? limits = null) =>
        Read(new SpanSourceReader(content, name, limits));

    public static ReadSource OfMessage(string body, string queue = "span-logs") =>
        Read(SpanSourceReader.ForMessage(Encoding.UTF8.GetBytes(body), queue));

    public string Describe()
    {
        StringBuilder text = new();
        foreach (ReadSpan span in Spans)
        {
            text.AppendLine(span.ToString());
        }

        foreach (Rejection rejection in Statistics.Rejections)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"rejected: {rejection}");
        }

        return text.AppendLine(CultureInfo.InvariantCulture, $"{Statistics.Records} {Statistics.SpanRecords} {Statistics.Rejected} {Statistics.ServiceFromSource} {Statistics.Truncated}").ToString();
    }

    private static ReadSource Read(SpanSourceReader reader)
    {
        ReadSource read = new();
        SpanBatch batch = new();
        try
        {
            while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    read.Spans.Add(ReadSpan.From(batch, batch[i]));
                }

                batch.Clear();
            }
        }
        catch (UnreadableSourceException unreadable)
        {
            read.Unreadable = unreadable.Message;
        }

        read.Statistics = reader.Statistics;
        reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return read;
    }
}
