using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using ServerlessTrace.Html.Tests.Browser;

namespace ServerlessTrace.Html.Tests.Web;

/// <summary>The page at <c>/</c> of the running service, in a real browser.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class WebPageTests(Chromium chromium, WebFixture service) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task The_key_leaves_the_address_at_once_and_goes_out_as_a_header_only()
    {
        await using OpenedPage opened = await OpenAsync();

        Assert.DoesNotContain(service.Key, opened.Page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("code", opened.Page.Url, StringComparison.Ordinal);
        await Assertions.Expect(opened.Traces.Filter(new() { HasText = "api-gateway: request_received" }).First).ToBeVisibleAsync();
        IPage report = await opened.OpenTraceAsync("POST api.stripe.com|request_received");
        await Assertions.Expect(report.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("api-gateway");
        await Assertions.Expect(report.Locator("html[data-ready=true]")).ToHaveCountAsync(1);
        await report.GetByRole(AriaRole.Tab, new() { Name = "Service map" }).ClickAsync();
        await Assertions.Expect(report.Locator("svg .node")).Not.ToHaveCountAsync(0);

        // Only the address that the user typed had it.
        Assert.Single(opened.Requests, url => url.Contains(service.Key, StringComparison.Ordinal));
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Without_a_key_in_this_tab_the_page_asks_for_it_once()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.EvaluateAsync("sessionStorage.clear()");
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Receipts" }).ClickAsync();

        ILocator dialog = opened.Page.GetByRole(AriaRole.Dialog, new() { Name = "Function key" });
        await dialog.GetByLabel("Key", new() { Exact = true }).FillAsync(service.Key);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Use" }).ClickAsync();

        await Assertions.Expect(opened.Page.Locator(".receipt").Filter(new() { HasText = "payment-service.ndjson" })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Filters_narrow_the_list_and_stay_in_the_address()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.GetByLabel("Status").SelectOptionAsync("ERROR");
        await opened.Page.GetByLabel("Longer than").FillAsync("1s");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();

        await Assertions.Expect(opened.Traces.Filter(new() { HasNotText = "ERROR" })).ToHaveCountAsync(0);
        await Assertions.Expect(opened.Traces).Not.ToHaveCountAsync(0);
        await Assertions.Expect(opened.Page).ToHaveURLAsync(new Regex("#traces\\?status=ERROR&minDuration=1s$"));

        // A link to the list, opened with the key again.
        await opened.Page.GotoAsync("about:blank");
        await opened.Page.GotoAsync(new Uri(service.Address, $"/?code={service.Key}#traces?status=ERROR&minDuration=1s").AbsoluteUri);
        await Assertions.Expect(opened.Page.GetByLabel("Status")).ToHaveValueAsync("ERROR");
        await Assertions.Expect(opened.Traces.Filter(new() { HasNotText = "ERROR" })).ToHaveCountAsync(0);

        await opened.Page.GetByLabel("Longer than").FillAsync("long");
        await opened.Page.GetByLabel("Longer than").PressAsync("Enter");
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'minDuration' must be a duration");
    }

    [Fact]
    public async Task A_service_leads_to_its_traces()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Services" }).ClickAsync();
        await Assertions.Expect(opened.Page.Locator("#service-list")).ToContainTextAsync("No service sent spans in this time.");
        await opened.Page.Locator("#services-range").GetByLabel("Until (UTC)").FillAsync("2026-02-27T00:00");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "notification-service" }).ClickAsync();

        await Assertions.Expect(opened.Page.GetByLabel("Service", new() { Exact = true })).ToHaveValueAsync("notification-service");
        await Assertions.Expect(opened.Traces.Filter(new() { HasNotText = "notification-service" })).ToHaveCountAsync(0);
        await Assertions.Expect(opened.Traces).Not.ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_map_shows_who_called_whom_and_leads_to_a_services_traces()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Map" }).ClickAsync();
        await Assertions.Expect(opened.Page.Locator("#map-drawn")).ToContainTextAsync("No service sent spans in this time.");
        await opened.Page.Locator("#map-range").GetByLabel("Until (UTC)").FillAsync("2026-02-27T00:00");

        await Assertions.Expect(opened.Page.Locator("svg .node.service")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(opened.Page.Locator("svg .edge.asynchronous")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(opened.Page.Locator("svg .node").Filter(new() { HasText = "stripe" })).ToHaveCountAsync(1);
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Row).Filter(new() { HasTextRegex = new Regex("^api-gateway\\s*payment-service") })).ToHaveCountAsync(1);
        await opened.Page.Locator("svg .node").Filter(new() { HasText = "notification-ser" }).PressAsync("Enter");
        await Assertions.Expect(opened.Page.GetByLabel("Service", new() { Exact = true })).ToHaveValueAsync("notification-service");
    }

    [Fact]
    public async Task An_alert_is_listed_with_the_trace_that_explains_it()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Alerts" }).ClickAsync();

        ILocator alert = opened.Page.Locator(".alert").Filter(new() { HasText = "5e771e0a1b2c3d4e5f60718293a4b5c6" });
        await Assertions.Expect(alert).ToContainTextAsync("slow-requests");
        await Assertions.Expect(alert).ToContainTextAsync("firing");
        IPage report = await opened.PageOfAsync(alert.GetByRole(AriaRole.Button));
        await Assertions.Expect(report.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("settle_payments");
    }

    [Fact]
    public async Task On_a_narrow_screen_rare_filters_come_on_demand_and_stay_while_they_are_used()
    {
        await using OpenedPage opened = await OpenAsync(width: 390);
        await Assertions.Expect(opened.Page.GetByLabel("Operation")).ToBeHiddenAsync();
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "More filters" }).ClickAsync();
        await opened.Page.GetByLabel("Operation").FillAsync("settle_payments");
        await opened.Page.GetByLabel("Operation").PressAsync("Enter");
        await Assertions.Expect(opened.Traces).ToHaveCountAsync(1);
        await Assertions.Expect(opened.Page.GetByLabel("Operation")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Names_from_outside_are_text()
    {
        await using OpenedPage opened = await OpenAsync();

        await Assertions.Expect(opened.Traces.Filter(new() { HasText = "op " + WebFixture.Evil })).ToHaveCountAsync(1);
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Receipts" }).ClickAsync();
        ILocator receipt = opened.Page.Locator(".receipt").Filter(new() { HasText = "evil.ndjson" });
        await receipt.Locator("summary").ClickAsync();
        await Assertions.Expect(receipt).ToContainTextAsync("not a record");
        Assert.Equal(0, await opened.Page.Locator("img").CountAsync());
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task Everything_can_be_reached_with_the_keyboard()
    {
        await using OpenedPage opened = await OpenAsync();
        await opened.Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(opened.Traces.First).ToBeFocusedAsync();
        await opened.Page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(opened.Traces.Nth(1)).ToBeFocusedAsync();
        await opened.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(opened.Page.GetByLabel("Service", new() { Exact = true })).ToBeFocusedAsync();
        await opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Traces" }).FocusAsync();
        await opened.Page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Tab, new() { Name = "Receipts" })).ToHaveAttributeAsync("aria-selected", "true");
        await opened.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(opened.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keys" })).ToBeVisibleAsync();

        string[] nameless = await opened.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('button, input, select, summary, a')].filter(e => !(e.ariaLabel || e.labels?.length || e.innerText || e.textContent).toString().trim()).map(e => e.outerHTML)");
        Assert.Empty(nameless);
    }

    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task It_fits_and_can_be_read_on_every_screen(int width, bool dark)
    {
        await using OpenedPage opened = await OpenAsync(width, dark);
        foreach (string tab in new[] { "Traces", "Services", "Map", "Alerts", "Receipts" })
        {
            await opened.Page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
            await Assertions.Expect(opened.Page.Locator(".view:not([hidden])")).Not.ToBeEmptyAsync();
            if (tab is "Services" or "Map")
            {
                await opened.Page.GetByLabel("Until (UTC)").And(opened.Page.Locator(":visible")).FillAsync("2026-02-27T00:00");
                await Assertions.Expect(opened.Page.Locator(".view:visible").GetByRole(AriaRole.Cell, new() { Name = "api-gateway" }).First).ToBeVisibleAsync();
            }

            if (tab == "Alerts")
            {
                await Assertions.Expect(opened.Page.Locator(".alert").First).ToContainTextAsync("slow-requests");
            }

            if (tab == "Receipts")
            {
                await opened.Page.Locator(".receipt summary").First.ClickAsync();
            }

            await opened.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            Assert.Equal(width, await opened.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            await Readability.ExpectAsync(opened.Page, $"{tab} {width} {(dark ? "dark" : "light")}");
            if (Environment.GetEnvironmentVariable("SERVERLESSTRACE_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await opened.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"web-{tab}-{width}-{(dark ? "dark" : "light")}.png") });
            }
        }
    }

    [Fact]
    public async Task The_page_answers_to_the_key_and_says_what_it_may_do()
    {
        using var http = new HttpClient { BaseAddress = service.Address };
        using HttpResponseMessage refused = await http.GetAsync(new Uri("/", UriKind.Relative));
        using HttpResponseMessage page = await http.GetAsync(new Uri($"/?code={service.Key}", UriKind.Relative));

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.InRange((await page.Content.ReadAsByteArrayAsync()).Length, 1_000, 60_000);
    }

    private async Task<OpenedPage> OpenAsync(int width = 1280, bool dark = false)
    {
        var opened = new OpenedPage(await chromium.OpenAsync(width, width == 390 ? 844 : 900, dark));
        await opened.GoToAsync(new Uri(service.Address, $"/?code={service.Key}"));
        return opened;
    }

    private sealed class OpenedPage(IBrowserContext context) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _complaints = [];
        private readonly ConcurrentQueue<string> _requests = [];

        public IPage Page { get; private set; } = null!;

        public IReadOnlyCollection<string> Complaints => _complaints;

        public IReadOnlyCollection<string> Requests => _requests;

        public ILocator Traces => Page.Locator("#results button.trace");

        public async Task GoToAsync(Uri address)
        {
            context.Request += (_, request) => _requests.Enqueue(request.Url);
            context.Page += (_, page) => Watch(page);
            Page = await context.NewPageAsync();
            await Page.GotoAsync(address.AbsoluteUri);
            await Page.WaitForSelectorAsync("html[data-ready=true]", new() { State = WaitForSelectorState.Attached });
        }

        public Task<IPage> OpenTraceAsync(string names) => PageOfAsync(Traces.Filter(new() { HasTextRegex = new Regex(names) }).First);

        /// <summary>The page that a click opens.</summary>
        public Task<IPage> PageOfAsync(ILocator button) => context.RunAndWaitForPageAsync(() => button.ClickAsync());

        public async ValueTask DisposeAsync() => await context.CloseAsync().WaitAsync(TimeSpan.FromSeconds(20));

        private void Watch(IPage page)
        {
            page.PageError += (_, error) => _complaints.Enqueue(error);
            page.Dialog += async (_, dialog) =>
            {
                _complaints.Enqueue("dialog: " + dialog.Message);
                await dialog.DismissAsync();
            };
            page.Console += (_, message) =>
            {
                // Services come with a release of their own; a refused request is a line of the console, too.
                if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                {
                    _complaints.Enqueue(message.Text);
                }
            };
        }
    }
}
