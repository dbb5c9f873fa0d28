using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Other tracers' spans are read as what they are, however their JSON is spelled and however its bytes come.</summary>
public sealed class ForeignSpanProperties
{
    [Property(MaxTest = 200)]
    public void Zipkins_spans_are_what_they_say(int seed)
    {
        var random = new Random(seed);
        ForeignSpan[] spans = Spans(random);
        string content = new JsonSpelling(random).Write(spans.Select(span => span.Zipkin).ToArray());
        Check(SourceFormat.Zipkin, content, random, spans.Select(span => span.Expected()));
    }

    [Property(MaxTest = 200)]
    public void Jaegers_spans_are_what_they_say(int seed)
    {
        var random = new Random(seed);
        ForeignSpan[] spans = Spans(random);
        (string Name, object? Value)[] processes = [.. spans.Select(span => span.JaegerProcess).DistinctBy(process => process.Name)];
        string content = new JsonSpelling(random).Write(new (string, object?)[] { ("spans", spans.Select(span => span.Jaeger).ToArray()), ("processes", processes), ("traceID", "1") });
        Check(SourceFormat.Jaeger, content, random, spans.Select(span => span.Expected()));
    }

    [Property(MaxTest = 200)]
    public void Azure_dependencies_are_what_they_say(int seed)
    {
        var random = new Random(seed);
        ForeignSpan[] spans = Spans(random);
        string content = new JsonSpelling(random).Write(spans.Select(span => span.Azure).ToArray());
        Check(SourceFormat.AzureMonitor, content, random, spans.Select(span => span.Expected(("azure.dependency_type", "Other"))));
    }

    private static ForeignSpan[] Spans(Random random) => [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => new ForeignSpan(random))];

    private static void Check(SourceFormat format, string content, Random random, IEnumerable<string> expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        var limits = new ReadLimits { SpansPerBatch = format == SourceFormat.Jaeger ? 1_000 : 1 + random.Next(4) };
        ReadSource read = ReadSource.Of(random.Next(2) == 0 ? new OneByteStream(bytes) : new MemoryStream(bytes), limits: limits);
        Assert.Equal(format, read.Statistics.Format);
        Assert.Empty(read.Statistics.Rejections);
        Assert.Equal(string.Join("\n", expected), string.Join("\n", read.Spans));
    }
}
