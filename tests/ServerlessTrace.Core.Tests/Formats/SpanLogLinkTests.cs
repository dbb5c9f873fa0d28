using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>The field <c>links</c> of span logs.</summary>
public sealed class SpanLogLinkTests
{
    private const string Head = """{"timestamp":"2026-02-26T18:00:00Z","service":"shop","trace_id":"1","span_id":"2","span_name":"batch","event":"span_start" """;

    [Fact]
    public async Task Links_in_every_spelling_are_links()
    {
        (SpanBatch batch, _) = await ReadAsync($$"""{{Head}},"links":[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"},{"spanId":"3","traceId":"4","more":[1]}]}""");

        Assert.Equal(
            ["0af7651916cd43dd8448eb211c80319c b7ad6b7169203331", "00000000000000000000000000000004 0000000000000003"],
            batch.Links(batch[0]).ToArray().Select(link => $"{link.TraceId} {link.SpanId}"));
        Assert.True(batch.Attributes(batch[0]).IsEmpty);
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("[{\"trace_id\":\"4\"}]")]
    [InlineData("[{\"trace_id\":\"xyz\",\"span_id\":\"1\"}]")]
    [InlineData("[{\"trace_id\":\"4\",\"span_id\":\"3\"},\"https://example.com\"]")]
    [InlineData("\"https://example.com\"")]
    [InlineData("[{\"trace_id\":\"4\",\"span_id\":\"3\"},{\"trace_id\":\"\\ud800\",\"span_id\":\"1\"}]")]
    [InlineData("[{\"\\udc00\":\"4\",\"span_id\":\"1\"}]")]
    [InlineData("{\"self\":\"/orders/7\"}")]
    public async Task What_are_no_links_stays_an_attribute(string links)
    {
        (SpanBatch batch, SourceStatistics statistics) = await ReadAsync($"{Head},\"links\":{links}}}");

        Assert.Equal(0, statistics.Rejected);
        Assert.Equal(0, batch[0].LinkCount);
        Assert.Equal(1, batch.Attributes(batch[0]).Length);
    }

    [Fact]
    public async Task Links_that_are_not_utf_8_stay_an_attribute()
    {
        byte[] content = System.Text.Encoding.UTF8.GetBytes($"{Head},\"links\":[{{\"trace_id\":\"4?\",\"span_id\":\"3\"}}]}}");
        content[Array.LastIndexOf(content, (byte)'?')] = 0xA0;

        (SpanBatch batch, SourceStatistics statistics) = await ReadAsync(content);

        Assert.Equal((0, 0, 1), (statistics.Rejected, batch[0].LinkCount, batch.Attributes(batch[0]).Length));
    }

    [Fact]
    public async Task Lines_are_counted_once_in_links_over_several_lines()
    {
        (_, SourceStatistics statistics) = await ReadAsync($"{Head},\"links\":[\n1,\n2\n]}}\nbroken\n");

        Assert.Equal(5, Assert.Single(statistics.Rejections).Line);
    }

    private static Task<(SpanBatch Batch, SourceStatistics Statistics)> ReadAsync(string content) => ReadAsync(System.Text.Encoding.UTF8.GetBytes(content));

    private static async Task<(SpanBatch Batch, SourceStatistics Statistics)> ReadAsync(byte[] content)
    {
        var batch = new SpanBatch();
        await using var reader = new SpanSourceReader(new MemoryStream(content), "shop.log");
        while (await reader.ReadBatchAsync(batch, default))
        {
        }

        return (batch, reader.Statistics);
    }
}
