using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Reports;

public class TextReportTests
{
    [Fact]
    public void The_report_of_a_failed_payment_reads_like_this()
    {
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reports", "failed-payment.txt"));

        Assert.Equal(expected, TextReport.Of(new TraceAnalysis(SampleTraces.FailedPayment())), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Colours_change_nothing_but_the_colours()
    {
        var analysis = new TraceAnalysis(SampleTraces.FailedPayment());
        string coloured = TextReport.Of(analysis, new ReportOptions { Ansi = true });

        Assert.Contains("\u001b[1;31m", coloured, StringComparison.Ordinal);
        Assert.Equal(TextReport.Of(analysis), System.Text.RegularExpressions.Regex.Replace(coloured, "\u001b\\[[0-9;]+m", string.Empty));
    }

    [Theory]
    [InlineData("\u001b[2J\u001b[31m")]
    [InlineData("line\nStatus: OK\r")]
    [InlineData("\u202egnp.exe\u2066")]
    [InlineData("\u0085\u2028\u0000\u009b1m")]
    public void No_field_can_forge_a_line_or_drive_a_terminal(string evil)
    {
        Trace trace = new TraceBuilder()
            .Span(1, "s" + evil, "n" + evil, 0, 10).Failed("m" + evil, "c" + evil).With("stack_trace", "at\u001b[31m " + evil)
            .With("order_id", "o" + evil).Event("e" + evil, 5)
            .Span(2, "t" + evil, "o" + evil, 1, 9, parent: 1, kind: SpanKind.Client).Failed(evil)
            .Build();

        string report = TextReport.Of(new TraceAnalysis(trace));

        Assert.DoesNotContain(report, static unit => char.IsControl(unit) && unit != '\n');
        Assert.DoesNotContain(report, static unit => char.GetUnicodeCategory(unit) is
            System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator);
        Assert.DoesNotContain(report.Split('\n'), static line => line.StartsWith("Status: OK", StringComparison.Ordinal));
    }

    [Fact]
    public void The_timeline_of_a_large_trace_shows_what_matters_and_says_what_it_leaves_out()
    {
        var builder = new TraceBuilder().Span(1, "api", "root", 0, 20_000);
        for (ulong i = 0; i < 5_000; i++)
        {
            builder.Span(i + 10, "api", $"work-{i}", i, i + 1, parent: 1);
        }

        Trace trace = builder.Span(9_999, "db", "broken", 17_000, 17_001, parent: 1).Failed("disk full").Build();

        string report = TextReport.Of(new TraceAnalysis(trace), new ReportOptions { TimelineSpans = 50 });

        Assert.Contains("… 4,952 of 5,002 spans are not shown", report, StringComparison.Ordinal);
        Assert.Contains("db: broken (span_end) [ERROR: disk full]", report, StringComparison.Ordinal);
        Assert.Contains("api: root (span_start)", report, StringComparison.Ordinal);
        Assert.InRange(report.Split('\n').Length, 100, 200);
    }

    [Fact]
    public void A_trace_of_events_alone_is_reported_as_that()
    {
        var builder = new TraceBuilder().Span(1, "a", "op", 0, 0).Event("seen", 5);
        builder.Flush()[0].Flags = SpanFlags.None;

        string report = TextReport.Of(new TraceAnalysis(builder.Build()));

        Assert.Contains("Status: INCOMPLETE (no span was received)", report, StringComparison.Ordinal);
        Assert.Contains("• a: seen (event of span 0000000000000001, which was not received)", report, StringComparison.Ordinal);
        Assert.Contains("Unknown: the root has not ended.", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Whether_it_is_sealed_is_said_where_it_is_known()
    {
        var analysis = new TraceAnalysis(SampleTraces.FailedPayment());

        Assert.DoesNotContain("Sealed:", TextReport.Of(analysis), StringComparison.Ordinal);
        Assert.Contains("Sealed: yes (revision 2)\n", TextReport.Of(analysis, new ReportOptions { IsSealed = true, Revision = 2 }), StringComparison.Ordinal);
        Assert.Contains("Sealed: no (spans may still arrive)\n", TextReport.Of(analysis, new ReportOptions { IsSealed = false }), StringComparison.Ordinal);
    }
}
