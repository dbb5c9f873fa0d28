using System.Globalization;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Core.Tests.Generation;

public class GeneratedLogsReadBackTests
{
    [Theory]
    [InlineData(LoadShape.Realistic)]
    [InlineData(LoadShape.Benchmark)]
    public async Task Reading_generated_logs_gives_exactly_the_spans_that_were_meant(LoadShape shape)
    {
        var options = new GeneratorOptions { Spans = 5_000, Seed = 11, Shape = shape };
        using var logs = new MemoryStream();
        new SpanLogGenerator(options).Write(logs);
        logs.Position = 0;
        var read = new SpanBatch();
        await using var reader = new SpanSourceReader(
            logs, "load.ndjson", new ReadLimits { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue });
        while (await reader.ReadBatchAsync(read, CancellationToken.None))
        {
        }

        Assert.Equal(0, reader.Statistics.Rejected);
        Assert.Equal(0, reader.Statistics.ServiceFromSource);
        List<string> meant = Meant(options);
        List<string> found = Describe(read);
        Assert.Equal(meant.Count, found.Count);
        foreach ((string expected, string actual) in meant.Zip(found))
        {
            Assert.True(expected == actual, expected + "\n" + actual);
        }
    }

    private static List<string> Meant(GeneratorOptions options)
    {
        var generator = new SpanLogGenerator(options);
        var batch = new SpanBatch();
        List<string> spans = [];
        while (generator.Next(batch))
        {
            spans.AddRange(Describe(batch));
        }

        spans.Sort(StringComparer.Ordinal);
        return spans;
    }

    private static List<string> Describe(SpanBatch batch)
    {
        new SpanMerger().Merge(batch);
        List<string> spans = [.. Enumerable.Range(0, batch.Count).Select(index => Describe(batch, batch[index]))];
        spans.Sort(StringComparer.Ordinal);
        return spans;
    }

    private static string Describe(SpanBatch batch, SpanRecord span)
    {
        IEnumerable<string> attributes = batch.SharedAttributes(span).ToArray().Concat(batch.Attributes(span).ToArray()).Select(each => Describe(batch, each)).Order(StringComparer.Ordinal);
        IEnumerable<string> events = batch.Events(span).ToArray().Select(each =>
            $"{each.TimeUnixNano} {batch.Text(each.Name)} {string.Join(' ', batch.Attributes(each).ToArray().Select(attribute => Describe(batch, attribute)))}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{span.TraceId} {span.SpanId} {span.ParentSpanId} {span.Start} {span.End} {batch.Text(span.Service)} {batch.Text(span.Name)} {span.Kind} {span.Status} "
            + $"{span.Flags} {span.ReportedDurationNano} '{batch.Text(span.StatusMessage)}' [{string.Join("; ", attributes)}] [{string.Join("; ", events)}]");
    }

    private static string Describe(SpanBatch batch, SpanAttribute attribute) =>
        string.Create(CultureInfo.InvariantCulture, $"{attribute.Scope}.{batch.Text(attribute.Key)}={attribute.Kind}:{(attribute.IsText ? batch.Text(attribute.Text) : attribute.Bits)}");
}
