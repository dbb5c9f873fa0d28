using System.Text.Json;
using Microsoft.Playwright;
using ServerlessTrace.Html.Tests.Browser;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Html.Tests;

/// <summary>The page is for everybody: on paper white and night black, on a phone, by keyboard and by screen reader.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class AccessibilityTests(Chromium chromium)
{
    private static readonly string[] Tabs = ["Timeline", "Flame graph", "Service map", "Report"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_text_stands_out_from_its_ground(bool dark)
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment(), dark: dark);
        foreach (string tab in Tabs)
        {
            await report.TabAsync(tab);
            if (tab == "Timeline")
            {
                await report.Page.Locator("#search").FillAsync("charge");
                await Assertions.Expect(report.Page.Locator(".row.hit")).ToHaveCountAsync(2);
                await report.Row("charge_card").First.ClickAsync();
            }

            await Readability.ExpectAsync(report.Page, tab);
        }
    }

    [Fact]
    public async Task Dark_mode_follows_the_system()
    {
        await using OpenedReport light = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        await using OpenedReport dark = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment(), dark: true);
        const string Ground = "getComputedStyle(document.body).backgroundColor";
        Assert.Equal("rgb(255, 255, 255)", await light.Page.EvaluateAsync<string>(Ground));
        Assert.Equal("rgb(16, 19, 26)", await dark.Page.EvaluateAsync<string>(Ground));
    }

    [Fact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment(), width: 390, height: 844);
        foreach (string tab in Tabs)
        {
            await report.TabAsync(tab);
            Assert.Equal(390, await report.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }

        await report.TabAsync("Timeline");
        await report.Row("charge_card").First.ClickAsync();
        Assert.Equal(390, await report.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Assertions.Expect(report.Details).ToBeInViewportAsync();
        await Assertions.Expect(report.Selected).ToBeInViewportAsync(new() { Ratio = 1 });
        LocatorBoundingBoxResult row = (await report.Selected.BoundingBoxAsync())!;
        LocatorBoundingBoxResult panel = (await report.Details.BoundingBoxAsync())!;
        Assert.True(row.Y + row.Height <= panel.Y + 1, "The details do not cover the span.");
    }

    [Fact]
    public async Task Everything_that_takes_the_focus_has_a_role_and_a_name()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        ICDPSession session = await report.Page.Context.NewCDPSessionAsync(report.Page);
        await report.Row("charge_card").First.ClickAsync();
        foreach (string tab in Tabs)
        {
            await report.TabAsync(tab);
            JsonElement tree = (await session.SendAsync("Accessibility.getFullAXTree"))!.Value;
            int named = 0;
            foreach (JsonElement node in tree.GetProperty("nodes").EnumerateArray())
            {
                if (!IsFocusable(node))
                {
                    continue;
                }

                string role = node.GetProperty("role").GetProperty("value").GetString()!;
                string name = node.TryGetProperty("name", out JsonElement given) ? given.GetProperty("value").GetString()! : string.Empty;
                Assert.True(name.Trim().Length > 0, $"{tab}: a {role} without a name.");
                Assert.NotEqual("generic", role);
                named++;
            }

            Assert.True(named > 5, $"{tab}: only {named} take the focus.");
        }
    }

    [Fact]
    public async Task The_timeline_is_a_tree_grid_to_a_screen_reader()
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, SampleTraces.FailedPayment());
        ILocator grid = report.Page.GetByRole(AriaRole.Treegrid, new() { Name = "Spans" });
        await Assertions.Expect(grid.GetByRole(AriaRole.Row)).ToHaveCountAsync(9);
        ILocator row = grid.GetByRole(AriaRole.Row, new() { Name = "process_payment" });
        await Assertions.Expect(row).ToHaveAttributeAsync("aria-level", "2");
        await Assertions.Expect(row).ToHaveAttributeAsync("aria-expanded", "true");
        await Assertions.Expect(row.GetByRole(AriaRole.Gridcell).Nth(1)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("1.17.s at 50ms, .* on the critical path"));
        await Assertions.Expect(row).ToContainTextAsync("failed");
    }

    private static bool IsFocusable(JsonElement node) =>
        node.TryGetProperty("properties", out JsonElement properties)
        && properties.EnumerateArray().Any(property => property.GetProperty("name").GetString() == "focusable" && property.GetProperty("value").GetProperty("value").GetBoolean())
        && node.GetProperty("role").GetProperty("value").GetString() is not ("RootWebArea" or "svg");
}
