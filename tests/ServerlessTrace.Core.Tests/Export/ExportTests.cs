using System.Text.Json;
using FsCheck.Xunit;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Export;

public class ExportTests
{
    [Theory]
    [InlineData(ExportFormat.Otlp, "otlp")]
    [InlineData(ExportFormat.Jaeger, "jaeger")]
    [InlineData(ExportFormat.Zipkin, "zipkin")]
    [InlineData(ExportFormat.Chrome, "chrome")]
    public void A_failed_payment_is_exported_like_this(ExportFormat format, string name)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Export", $"failed-payment.{name}.json");

        Assert.Equal(File.ReadAllText(file), Exported.Pretty(SampleTraces.FailedPayment(), format), ignoreLineEndingDifferences: true);
    }

    [Property(MaxTest = 150)]
    public void Whatever_was_received_can_be_exported(int seed)
    {
        foreach (Trace trace in Traces(new RandomParts(seed).Parts(40, traces: 2)))
        {
            foreach (ExportFormat format in Exported.All)
            {
                Assert.NotEqual(JsonValueKind.Undefined, Exported.Json(trace, format).ValueKind);
            }
        }
    }

    [Property(MaxTest = 100)]
    public void The_order_of_arrival_does_not_show(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(30);

        foreach (ExportFormat format in Exported.All)
        {
            Assert.Equal(Exported.Text(Traces(parts).First(), format), Exported.Text(Traces(random.Shuffle(parts)).First(), format));
        }
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("\"},{\"traceId\":\"\\")]
    [InlineData("a\u0000\u001b[31m\u2028\ud83d\ude00")]
    public void Every_text_comes_back_as_it_is_and_means_nothing(string evil)
    {
        Trace trace = new TraceBuilder()
            .Span(1, "s" + evil, "n" + evil, 0, 10, kind: SpanKind.Client).Failed("m" + evil).With("k" + evil, "v" + evil).With("peer.service", "p" + evil)
            .With("b" + evil, "w" + evil, AttributeScope.Baggage).With("r" + evil, "q" + evil, AttributeScope.Resource).Event("e" + evil, 5, ("x" + evil, "y" + evil))
            .Build();

        foreach (ExportFormat format in Exported.All)
        {
            string text = Exported.Text(trace, format);
            Assert.DoesNotContain('<', text);
            Assert.DoesNotContain(text, static unit => char.IsControl(unit));
            string[] texts = [.. Texts(Exported.Json(trace, format))];
            foreach (string expected in (string[])["s", "n", "m", "k", "v", "b", "w", "r", "q"])
            {
                Assert.Contains(expected + evil, texts);
            }
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced()
    {
        TraceBuilder builder = new TraceBuilder().Span(1, "api", "op", 0, 1);
        int broken = builder.Batch.Strings.Add([0x61, 0xff, 0xc3]);
        builder.Flush()[0].Name = broken;
        (builder.Batch[0].AttributeStart, builder.Batch[0].AttributeCount) = (builder.Batch.AddAttribute(new SpanAttribute(broken, AttributeKind.String, broken)), 1);
        Trace trace = builder.Build();

        foreach (ExportFormat format in Exported.All)
        {
            Assert.Contains("a\ufffd", string.Join('|', Texts(Exported.Json(trace, format))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Baggage_does_not_hide_what_the_span_says_itself()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "op", 0, 1).With("user", "own").With("user", "baggage", AttributeScope.Baggage).With("tier", "gold", AttributeScope.Baggage).Build();

        JsonElement tags = Exported.Json(trace, ExportFormat.Zipkin)[0].GetProperty("tags");

        Assert.Equal("""{"user":"own","baggage.user":"baggage","tier":"gold"}""", tags.GetRawText());
    }

    [Fact]
    public void Events_of_spans_that_were_not_received_go_with_the_root()
    {
        IReadOnlyList<SpanPart> parts =
        [
            Part(1) with { Name = "root" },
            Part(7) with { Flags = SpanFlags.None, Events = [new PartEvent(TraceBuilder.Epoch + 1000, "lost", [])] },
            Part(0) with { Flags = SpanFlags.None, Events = [new PartEvent(TraceBuilder.Epoch + 2000, "of the trace", [])] },
        ];

        foreach (ExportFormat format in Exported.All)
        {
            string[] texts = [.. Texts(Exported.Json(Traces(parts).Single(), format))];
            Assert.Contains(texts, static text => text.Contains("lost", StringComparison.Ordinal));
            Assert.Contains(texts, static text => text.Contains("0000000000000007", StringComparison.Ordinal));
            Assert.Contains("of the trace", texts);
        }
    }

    [Fact]
    public void A_long_chain_and_a_wide_fan_are_exported_without_recursion()
    {
        TraceBuilder deep = new();
        TraceBuilder wide = new TraceBuilder().Span(1, "api", "root", 0, 100_000);
        for (ulong i = 1; i <= 5_000; i++)
        {
            deep.Span(i, i % 3 == 0 ? "db" : "api", "level", i, 15_000 - i, parent: i - 1);
            wide.Span(i + 1, i % 3 == 0 ? "db" : "api", "child", 0.1 * i, 90_000, parent: 1);
        }

        foreach (Trace trace in (Trace[])[deep.Build(), wide.Build()])
        {
            foreach (ExportFormat format in Exported.All)
            {
                using var stream = new MemoryStream();
                TraceExport.Write(stream, format, trace);
                Assert.Equal(Exported.Bytes(trace, format), stream.ToArray());
            }
        }
    }

    internal static SpanPart Part(ulong id) => new()
    {
        TraceId = new TraceId(1, 2), Id = id, Service = "api", Name = "op", Start = TraceBuilder.Epoch, End = TraceBuilder.Epoch + 5_000_000,
        Flags = SpanFlags.Started | SpanFlags.Ended | SpanFlags.NameFromStart,
    };

    internal static IEnumerable<Trace> Traces(IEnumerable<SpanPart> parts)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(parts);
        return ranges.Select(range => new Trace(batch, range));
    }

    /// <summary>All texts and names of properties.</summary>
    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(static property => Texts(property.Value).Prepend(property.Name)),
        _ => [],
    };
}
