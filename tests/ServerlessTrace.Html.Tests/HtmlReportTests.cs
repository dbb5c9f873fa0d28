using System.Diagnostics;
using Microsoft.Playwright;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Html.Tests.Browser;
using ServerlessTrace.TestSupport;
using Xunit.Abstractions;

namespace ServerlessTrace.Html.Tests;

/// <summary>What a user sees and does on the page of a trace, in a real browser, from disk.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class HtmlReportTests(Chromium chromium, ITestOutputHelper output)
{
    [Fact]
    public async Task The_page_says_at_once_what_failed_and_shows_every_span()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());

        await Assertions.Expect(report.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("api-gateway: request_received");
        await Assertions.Expect(report.Page.Locator("#status")).ToContainTextAsync("ERROR");
        await Assertions.Expect(report.Page.Locator("#verdict")).ToContainTextAsync("payment-service: charge_card");
        await Assertions.Expect(report.Page.Locator("#verdict")).ToContainTextAsync("Payment gateway timeout after 340ms");
        await Assertions.Expect(report.Page.Locator("#verdict")).ToContainTextAsync("ord-789");
        await Assertions.Expect(report.Rows).ToHaveCountAsync(9);
        await Assertions.Expect(report.Page.Locator("#grid")).ToHaveAttributeAsync("aria-rowcount", "9");
        Assert.Empty(report.Complaints);
        Assert.All(report.Requests, url => Assert.StartsWith("file:///", url, StringComparison.Ordinal));
        Assert.Single(report.Requests);
    }

    [Fact]
    public async Task Rows_mark_the_critical_path_failures_events_messages_and_open_spans()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());

        await Assertions.Expect(report.Row("charge_card").First.Locator(".critical")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(report.Row("validate_token").Locator(".critical")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(report.Row("notify_user").Locator(".critical")).ToHaveCountAsync(0);
        await Assertions.Expect(report.Row("charge_card").First).ToContainTextAsync("root cause");
        await Assertions.Expect(report.Row("process_payment").Locator(".mark-error")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Row("validate_token").Locator(".mark-error")).ToHaveCountAsync(0);
        await Assertions.Expect(report.Row("charge_card").Nth(1).Locator(".event")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Row("notify_user")).ToContainTextAsync("⇢");
        await Assertions.Expect(report.Row("notify_user").Locator(".waiting")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Row("write_audit")).ToContainTextAsync("not ended");

        // A bar lies where its time is: the second call begins after the first has ended.
        LocatorBoundingBoxResult first = (await report.Row("charge_card").First.Locator(".bar").BoundingBoxAsync())!;
        LocatorBoundingBoxResult second = (await report.Row("charge_card").Nth(1).Locator(".bar").BoundingBoxAsync())!;
        Assert.True(second.X > first.X + first.Width, "The second call is drawn after the first.");
        Assert.InRange(second.Width / first.Width, 750 / 340.0 * 0.97, 750 / 340.0 * 1.03);
    }

    [Fact]
    public async Task A_span_whose_clock_differs_is_shown_where_it_belongs_with_its_recorded_times_beside()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, new TraceBuilder()
            .Span(1, "shop", "order", 0, 100, kind: SpanKind.Client).Span(2, "bank", "charge", -60, 20, parent: 1, kind: SpanKind.Server).Build());

        LocatorBoundingBoxResult order = (await report.Row("order").Locator(".bar").BoundingBoxAsync())!;
        LocatorBoundingBoxResult charge = (await report.Row("charge").Locator(".bar").BoundingBoxAsync())!;
        Assert.InRange((charge.X - order.X) / order.Width, 0.09, 0.11);
        Assert.InRange(charge.Width / order.Width, 0.79, 0.81);
        await report.Row("charge").ClickAsync();
        await Assertions.Expect(report.Details).ToContainTextAsync("2026-02-26T17:59:59.940000000Z");
        await Assertions.Expect(report.Details).ToContainTextAsync("70ms later than recorded");
        await report.TabAsync("Report");
        await Assertions.Expect(report.Page.Locator("#view-report")).ToContainTextAsync("The clock of bank is behind its callers' by about 70ms");
        Assert.Empty(report.Complaints);
    }

    [Fact]
    public async Task A_click_on_a_span_shows_all_that_is_known_of_it()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());

        await report.Row("charge_card").First.ClickAsync();

        foreach (string text in new[]
        {
            "charge_card", "payment-service", "client", "Payment gateway timeout after 340ms", "PAYMENT_GATEWAY_TIMEOUT", "at charge (stripe.js:42)", "Failed first: the root cause",
            "2026-02-26T18:00:00.060000000Z", "2026-02-26T18:00:00.400000000Z", "340,000,000 ns", "0000000000000005", "payment-service: process_payment",
        })
        {
            await Assertions.Expect(report.Details).ToContainTextAsync(text);
        }

        await report.Details.GetByRole(AriaRole.Button, new() { Name = "payment-service: process_payment" }).First.ClickAsync();
        await Assertions.Expect(report.Details.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync("process_payment");
        await Assertions.Expect(report.Details).ToContainTextAsync("order_id");
        await Assertions.Expect(report.Details).ToContainTextAsync("credit_card");
        Assert.EndsWith("#span=0000000000000004", report.Page.Url, StringComparison.Ordinal);

        await report.Details.GetByRole(AriaRole.Button, new() { Name = "Close details" }).ClickAsync();
        await Assertions.Expect(report.Details).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Everything_can_be_reached_with_the_keyboard()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        IKeyboard keyboard = report.Page.Keyboard;

        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Enter");
        await Assertions.Expect(report.Selected).ToContainTextAsync("request_received");
        await keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(report.Selected).ToContainTextAsync("auth_check");
        await Assertions.Expect(report.Page.Locator("#grid")).ToHaveAttributeAsync("aria-activedescendant", await report.Selected.GetAttributeAsync("id") ?? "none");
        Assert.NotEqual("none", await report.Selected.EvaluateAsync<string>("row => getComputedStyle(row).outlineStyle"));

        await keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(report.Rows).ToHaveCountAsync(8);
        await Assertions.Expect(report.Selected).ToHaveAttributeAsync("aria-expanded", "false");
        await keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(report.Rows).ToHaveCountAsync(9);
        await keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(report.Selected).ToContainTextAsync("validate_token");
        await keyboard.PressAsync("ArrowLeft");
        await keyboard.PressAsync("ArrowLeft");
        await keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(report.Selected).ToContainTextAsync("request_received");
        await keyboard.PressAsync("End");
        await Assertions.Expect(report.Selected).ToContainTextAsync("write_audit");

        await keyboard.PressAsync("Enter");
        await Assertions.Expect(report.Details).ToBeFocusedAsync();
        await Assertions.Expect(report.Details).ToContainTextAsync("not ended");
        await keyboard.PressAsync("Escape");
        await Assertions.Expect(report.Details).ToBeHiddenAsync();
        await Assertions.Expect(report.Page.Locator("#grid")).ToBeFocusedAsync();

        await keyboard.PressAsync("Home");
        await keyboard.PressAsync("e");
        await Assertions.Expect(report.Selected).ToContainTextAsync("process_payment");
        foreach ((string key, string name) in new[] { ("2", "Flame graph"), ("3", "Service map"), ("4", "Report"), ("1", "Timeline") })
        {
            await keyboard.PressAsync(key);
            await Assertions.Expect(report.Page.GetByRole(AriaRole.Tab, new() { Name = name })).ToHaveAttributeAsync("aria-selected", "true");
            await Assertions.Expect(report.Page.GetByRole(AriaRole.Tabpanel, new() { Name = name })).ToBeVisibleAsync();
        }

        await keyboard.PressAsync("?");
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keys" })).ToBeVisibleAsync();
        await keyboard.PressAsync("Escape");
        await Assertions.Expect(report.Page.Locator("#help")).ToBeHiddenAsync();
        Assert.Empty(report.Complaints);
    }

    [Fact]
    public async Task Search_finds_text_and_attributes_and_leads_from_match_to_match()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        ILocator count = report.Page.Locator("#search-count");

        await report.Page.Keyboard.PressAsync("/");
        await report.Page.Keyboard.TypeAsync("gateway TIMEOUT");
        await Assertions.Expect(count).ToHaveTextAsync("2 matches");
        await report.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(count).ToHaveTextAsync("1 of 2");
        await report.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(count).ToHaveTextAsync("2 of 2");
        await report.Page.Keyboard.PressAsync("Shift+Enter");
        await Assertions.Expect(count).ToHaveTextAsync("1 of 2");

        await report.Page.Locator("#search").FillAsync("payment_method=credit");
        await Assertions.Expect(count).ToHaveTextAsync("1 match");
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Matches only" }).ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(2);
        await Assertions.Expect(report.Row("process_payment")).ToBeVisibleAsync();

        await report.Page.Locator("#search").FillAsync("nowhere");
        await Assertions.Expect(report.Page.GetByText("No span fits this filter.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_tree_collapses_and_filters_to_failures_and_the_critical_path()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());

        await report.Row("process_payment").Locator(".toggle").ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(4);
        await Assertions.Expect(report.Row("process_payment")).ToContainTextAsync("+5");
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Expand" }).ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(9);
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Collapse" }).ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(3);
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Expand" }).ClickAsync();
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Failed 4" }).ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(4);
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Failed 4" }).ClickAsync();
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Critical path" }).ClickAsync();
        await Assertions.Expect(report.Row("notify_user")).ToHaveCountAsync(0);
        await Assertions.Expect(report.Row("validate_token")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Zoom_shows_a_part_of_the_time_and_comes_back()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        LocatorBoundingBoxResult map = (await report.Page.Locator("#minimap").BoundingBoxAsync())!;

        await report.Page.Mouse.MoveAsync(map.X + (map.Width * 0.5f), map.Y + 20);
        await report.Page.Mouse.DownAsync();
        await report.Page.Mouse.MoveAsync(map.X + (map.Width * 0.75f), map.Y + 20, new() { Steps = 3 });
        await report.Page.Mouse.UpAsync();

        await Assertions.Expect(report.Row("auth_check").Locator(".beyond")).ToContainTextAsync("←");
        await Assertions.Expect(report.Row("notify_user").Locator(".beyond")).ToContainTextAsync("→");
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Whole trace" }).ClickAsync();
        await Assertions.Expect(report.Page.Locator(".beyond")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_flame_graph_merges_calls_and_zooms()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        await report.TabAsync("Flame graph");

        ILocator merged = report.Page.GetByRole(AriaRole.Treeitem, new() { Name = "payment-service: charge_card" });
        await Assertions.Expect(merged).ToHaveCountAsync(1);
        await Assertions.Expect(merged).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex("2 calls, 2 failed"));
        await report.Page.GetByRole(AriaRole.Treeitem, new() { Name = "payment-service: process_payment" }).ClickAsync();
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Treeitem, new() { Name = "auth-service" })).ToHaveCountAsync(0);
        await report.Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(merged).ToBeFocusedAsync();
        await report.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Treeitem, new() { Name = "auth-service: validate_token" })).ToHaveCountAsync(1);
        Assert.Empty(report.Complaints);
    }

    [Fact]
    public async Task The_service_map_and_the_report_tell_calls_path_errors_insights_and_business()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        await report.TabAsync("Service map");
        await Assertions.Expect(report.Page.Locator("svg .node")).ToHaveCountAsync(5);
        await Assertions.Expect(report.Page.Locator("svg .edge.asynchronous")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Table, new() { Name = "Calls between services" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(5);

        await report.TabAsync("Report");
        ILocator panel = report.Page.GetByRole(AriaRole.Tabpanel, new() { Name = "Report" });
        foreach (string text in new[] { "Insights", "Root cause:", "It spread to", "Critical path (strict)", "Step by step", "Services (5)", "Business context", "ord-789", "99.99", "Warnings" })
        {
            await Assertions.Expect(panel).ToContainTextAsync(text);
        }

        await panel.GetByRole(AriaRole.Button, new() { Name = "payment-service: charge_card" }).First.ClickAsync();
        await Assertions.Expect(report.Selected).ToContainTextAsync("charge_card");
        await Assertions.Expect(report.Details).ToBeVisibleAsync();
        Assert.DoesNotContain("[object", await report.Page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(report.Complaints);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public async Task Big_traces_open_scroll_search_and_collapse(int spans)
    {
        var watch = Stopwatch.StartNew();
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, BigTraces.Bushy(spans));
        double ready = await report.Page.EvaluateAsync<double>("performance.now()");

        Assert.InRange(await report.Rows.CountAsync(), 10, 80);
        await report.Page.Locator("#grid").FocusAsync();
        await report.Page.Keyboard.PressAsync("End");
        await Assertions.Expect(report.Selected).ToHaveAttributeAsync("aria-rowindex", spans.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Assertions.Expect(report.Selected).ToBeInViewportAsync();
        double frame = await report.Page.EvaluateAsync<double>(
            """
            async () => {
              const begin = performance.now();
              for (let k = 0; k < 20; k++) { scrollTo(0, k * 2500); await new Promise(done => requestAnimationFrame(done)); }
              return (performance.now() - begin) / 20;
            }
            """);
        await report.Page.Locator("#search").FillAsync("item=sku-42 cache");
        await Assertions.Expect(report.Page.Locator("#search-count")).ToContainTextAsync("match");
        await report.Page.GetByRole(AriaRole.Button, new() { Name = "Collapse" }).ClickAsync();
        await Assertions.Expect(report.Rows).ToHaveCountAsync(9);
        await report.TabAsync("Flame graph");
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Treeitem).First).ToBeVisibleAsync();
        output.WriteLine($"{spans} spans: page ready {ready:0} ms after it was opened, a frame while scrolling {frame:0.0} ms, this test {watch.ElapsedMilliseconds} ms");
        Assert.Empty(report.Complaints);
    }

    [Fact]
    public async Task A_trace_of_twenty_thousand_levels_opens()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, BigTraces.Deep(20_000));
        await report.Page.Locator("#grid").FocusAsync();
        await report.Page.Keyboard.PressAsync("End");
        await Assertions.Expect(report.Selected).ToHaveAttributeAsync("aria-level", "20000");
        await Assertions.Expect(report.Selected.Locator(".operation")).ToBeVisibleAsync();
        await report.TabAsync("Flame graph");
        await Assertions.Expect(report.Page.GetByText("Only 120 levels are drawn")).ToBeVisibleAsync();
        Assert.Empty(report.Complaints);
    }

    [Fact]
    public async Task A_trace_without_an_end_or_without_spans_says_so()
    {
        await using OpenedReport open = await OpenedReport.OfAsync(chromium, new TraceBuilder().Span(1, "audit", "write", 0, null).Build());
        await Assertions.Expect(open.Page.Locator("#status")).ToContainTextAsync("INCOMPLETE");
        await Assertions.Expect(open.Page.Locator("#verdict")).ToContainTextAsync("Unknown: the root has not ended.");
        await Assertions.Expect(open.Rows).ToContainTextAsync(["not ended"]);

        var builder = new TraceBuilder().Span(1, "audit", "write", 0, null).Event("only this", 5);
        builder.Batch[0].Flags = SpanFlags.None;
        await using OpenedReport none = await OpenedReport.OfAsync(chromium, builder.Build());
        await Assertions.Expect(none.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("No span was received");
        foreach (string tab in new[] { "Flame graph", "Service map", "Report" })
        {
            await none.TabAsync(tab);
        }

        await Assertions.Expect(none.Page.GetByRole(AriaRole.Tabpanel, new() { Name = "Report" })).ToContainTextAsync("only this");
        Assert.Empty(open.Complaints.Concat(none.Complaints));
    }

    [Fact]
    public async Task Without_scripts_the_headline_and_the_text_report_are_there()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment(), scripts: false);
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("api-gateway: request_received");
        await Assertions.Expect(report.Page.GetByText("Critical Path Analysis")).ToBeVisibleAsync();
        await Assertions.Expect(report.Page.Locator("#app")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task On_paper_every_view_is_there()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment(), dark: true);
        await report.Page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        await report.Page.EmulateMediaAsync(new() { Media = Media.Print });
        foreach (string view in new[] { "timeline", "flame", "services", "report" })
        {
            await Assertions.Expect(report.Page.Locator($"#view-{view}")).ToBeVisibleAsync();
        }

        await Assertions.Expect(report.Rows).ToHaveCountAsync(9);
        await Assertions.Expect(report.Page.Locator(".toolbar")).ToBeHiddenAsync();
        Assert.Equal("rgb(255, 255, 255)", await report.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    [Fact]
    public async Task A_link_to_a_span_opens_it()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        await report.Page.GotoAsync(report.Page.Url + "#span=0000000000000008");
        await report.Page.ReloadAsync();
        await Assertions.Expect(report.Details.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync("notify_user");
    }
}
