using Microsoft.Playwright;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Html.Tests.Browser;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Html.Tests;

/// <summary>Whatever stands in a field of a span is text on the page, and nothing else.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class InjectionTests(Chromium chromium)
{
    public static TheoryData<string> Attempts { get; } =
    [
        "<script>hacked = 1</script>",
        "</script><script>hacked = 1</script>",
        "</noscript></pre></title><img src=x onerror='hacked = 1'>",
        "\"><svg onload=hacked=1>",
        "' onmouseover='hacked=1' x='",
        "<!--<script>",
        "]]></style><iframe src='javascript:parent.hacked=1'></iframe>",
        "javascript:hacked=1",
        "{{data}}{{script}}${hacked=1}",
        "__proto__",
        "line\u2028separator\u2029and\u0000control\u001b[31m\r\nmore",
        "user\u202Egnp.exe\u202C\u200B\uFEFF",
    ];

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Fields_are_inert(string attempt)
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, WithEverywhere(attempt));

        await report.Rows.First.ClickAsync();
        await report.Rows.Nth(1).HoverAsync();
        foreach (string tab in new[] { "Flame graph", "Service map", "Report", "Timeline" })
        {
            await report.TabAsync(tab);
        }

        await report.Page.Locator("#search").FillAsync(attempt.Replace('\n', ' '));
        Assert.False(await report.Page.EvaluateAsync<bool>("'hacked' in globalThis || 'hacked' in Object.prototype"));
        Assert.Empty(report.Complaints);
        Assert.Single(report.Requests);
        Assert.Equal(2, await report.Page.Locator("script").CountAsync());
        Assert.Equal(0, await report.Page.Locator("iframe, img, [onerror], [onload], [onmouseover]").CountAsync());

        string text = await report.Page.Locator("body").InnerTextAsync() + await report.Page.TitleAsync();
        Assert.DoesNotContain(text, unit => unit is '\u202e' or '\u2028' or '\u2029' or '\u0000' or '\u001b' or '\u200b' or '\ufeff');
        if (attempt.All(unit => unit is >= ' ' and < '\u007f'))
        {
            await Assertions.Expect(report.Row(attempt).First.Locator(".operation")).ToHaveTextAsync(attempt);
        }
    }

    [Fact]
    public async Task The_policy_stops_a_script_that_was_added_to_the_page()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        await report.Page.EvaluateAsync(
            """
            () => {
              const script = document.createElement('script');
              script.textContent = 'globalThis.hacked = 1';
              document.body.append(script);
              document.body.insertAdjacentHTML('beforeend', '<img src="http://192.0.2.1/x" onerror="globalThis.hacked = 1">');
            }
            """);
        Assert.False(await report.Page.EvaluateAsync<bool>("'hacked' in globalThis"));
        Assert.Contains(report.Complaints, complaint => complaint.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    private static Trace WithEverywhere(string text)
    {
        TraceBuilder builder = new TraceBuilder()
            .Span(1, text, text, 0, 100, kind: SpanKind.Server, status: SpanStatus.Error)
            .With(text, text).With("order_id", text).With("user_id", text, AttributeScope.Baggage).With("host.name", text, AttributeScope.Resource)
            .Event(text, 10, (text, text))
            .Span(2, text + "2", text, 10, 90, parent: 1, kind: SpanKind.Client).Failed(text, text).With("stack_trace", text).With("db.system", text)
            .Event("exception", 50, ("exception.message", text))
            .Span(3, "queue", text, 95, null, parent: 99, kind: SpanKind.Consumer);
        return builder.Build();
    }
}
