using System.Text.RegularExpressions;
using FsCheck.Xunit;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Reports.Markdown;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Reports;

public partial class MarkdownReportTests
{
    [Fact]
    public void The_report_of_a_failed_payment_reads_like_this()
    {
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reports", "failed-payment.md"));

        Assert.Equal(expected, MarkdownReport.Of(new TraceAnalysis(SampleTraces.FailedPayment())), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void It_has_the_sections_of_the_text_report()
    {
        var analysis = new TraceAnalysis(SampleTraces.FailedPayment());

        Assert.Equal(
            TextReport.Of(analysis).Split('\n').Where(static line => line.Length > 0 && line[^1] == ':' && line[0] != ' ').Select(static line => line[..^1]),
            MarkdownReport.Of(analysis).Split('\n').Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => line[3..]));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("a | b \\| c \\\\| <img src=x onerror=alert(1)>")]
    [InlineData("x` <b>y</b> ``` ```` z")]
    [InlineData("[click](javascript:alert(1)) ![](http://evil.example/x.png)")]
    [InlineData("\n# Heading\n- item\n| a | b |\n```\n</pre>")]
    [InlineData("https://evil.example www.evil.example @octocat #12 &lt; $x$ ~~no~~ *b* __c__")]
    public void No_field_can_become_markdown_or_html(string evil)
    {
        Trace trace = new TraceBuilder()
            .Span(1, "s" + evil, "n" + evil, 0, 100).Failed("m" + evil, "c" + evil).With("stack_trace", "at " + evil)
            .With("order_id", "o" + evil).Event("e" + evil, 5)
            .Span(2, evil, evil, 1, 40, parent: 1, kind: SpanKind.Client).Failed(evil)
            .Span(3, evil, evil, 41, 80, parent: 1, kind: SpanKind.Client).Failed(evil)
            .Span(4, "t" + evil, evil, 300, 390, parent: 9, kind: SpanKind.Client).Failed(evil)
            .Build();

        string report = MarkdownReport.Of(new TraceAnalysis(trace));

        string[] lines = WithoutBlocks(report);
        Assert.Equal(
            MarkdownReport.Of(new TraceAnalysis(SampleTraces.FailedPayment())).Split('\n').Where(static line => line.StartsWith('#')),
            lines.Where(static line => line.StartsWith('#')));
        foreach (string line in lines)
        {
            string text = CodeSpan().Replace(line, string.Empty);
            Assert.DoesNotContain('<', text);
            Assert.DoesNotMatch(@"(?<!\\)[\[\]`~]", text);
            Assert.DoesNotMatch(@"://|www\.|@\w|(?<!&)#\d|\$", text);
            Assert.DoesNotMatch(@"(?<!\\)\*(?!\*)[^*]*(?<!\\|\*)\*(?!\*)", text);
        }

        AssertTablesAreWhole(lines);
    }

    [Property(MaxTest = 150)]
    public void Whatever_was_received_is_reported(int seed)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> ranges) = RandomParts.Merge(new RandomParts(seed).Parts(30));
        string report = MarkdownReport.Of(new TraceAnalysis(new Trace(batch, ranges[0])), new ReportOptions { ListEntries = 3, TimelineSpans = 5 });

        Assert.StartsWith("# Distributed Trace Analysis\n", report, StringComparison.Ordinal);
        AssertTablesAreWhole(WithoutBlocks(report));
    }

    [Theory]
    [InlineData("charge_card", "charge_card")]
    [InlineData("_x_", "\\_x\\_")]
    [InlineData("a<b>&c", "a&lt;b&gt;&amp;c")]
    [InlineData("a|b", "a&#124;b")]
    [InlineData("http://a.b", "http&#58;//a.b")]
    [InlineData("@team #1", "@&#8203;team #&#8203;1")]
    [InlineData("payment-service: charge (3.5ms)", "payment-service: charge (3.5ms)")]
    public void Text_is_escaped_where_it_must_be_and_only_there(string text, string expected) => Assert.Equal(expected, MarkdownText.Of(text));

    [Fact]
    public void A_block_is_closed_by_its_own_fence_only() =>
        Assert.Equal("`````text\na ```` b\n`````", MarkdownText.Block(["a ```` b"], "text"));

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex CodeSpan();

    private static string[] WithoutBlocks(string report)
    {
        var lines = new List<string>();
        string? fence = null;
        foreach (string line in report.Split('\n'))
        {
            if (fence is not null)
            {
                fence = line == fence ? null : fence;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                fence = line.TrimEnd([.. "textmermaid"]);
            }
            else
            {
                lines.Add(line);
            }
        }

        Assert.Null(fence);
        return [.. lines];
    }

    /// <summary>Every row has the cells of its heading: no field opened one of its own.</summary>
    private static void AssertTablesAreWhole(string[] lines)
    {
        int cells = 0;
        foreach (string line in lines)
        {
            int here = line.StartsWith('|') ? line.Count(static unit => unit == '|') : 0;
            Assert.True(here == 0 || cells == 0 || here == cells, line);
            cells = here;
        }
    }
}
