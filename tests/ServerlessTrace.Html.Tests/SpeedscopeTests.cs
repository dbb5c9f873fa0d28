using System.Buffers;
using Microsoft.Playwright;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Html.Tests.Browser;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Html.Tests;

/// <summary>The export as Chrome trace events, opened in speedscope itself.</summary>
[Collection(ChromiumCollection.Name)]
public sealed class SpeedscopeTests(Chromium chromium)
{
    private static readonly NodePackages Packages = new("Speedscope");

    [Fact]
    public async Task An_exported_trace_opens_with_its_services_and_the_time_that_each_call_took()
    {
        IPage page = await OpenAsync(SampleTraces.FailedPayment());

        // The flames are a drawing; the table of the same profile is text. Every service is a profile of its own, the entry's the first.
        await SaveAsync(page, "speedscope-flames.png");
        await page.Keyboard.PressAsync("3");
        await Assertions.Expect(Row(page, "request_received")).ToContainTextAsync("1.23s (100%)");
        await Assertions.Expect(Row(page, "auth_check")).ToContainTextAsync("44.88ms (3.6%)");
        await SaveAsync(page, "speedscope-table.png");
        for (int profile = 0; profile < 10 && await Row(page, "process_payment").CountAsync() == 0; profile++)
        {
            await page.Keyboard.PressAsync("n");
            await page.EvaluateAsync("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        }

        await Assertions.Expect(Row(page, "process_payment")).ToContainTextAsync("1.17s (100%)");
        await Assertions.Expect(Row(page, "process_payment")).ToContainTextAsync("\"order_id\":\"ord-789\"");
    }

    private static ILocator Row(IPage page, string operation) => page.GetByRole(AriaRole.Row).Filter(new() { HasText = operation + " " });

    private async Task<IPage> OpenAsync(Trace trace)
    {
        var json = new ArrayBufferWriter<byte>();
        TraceExport.Write(json, ExportFormat.Chrome, trace);
        string viewer = Path.Combine(await Packages.InstalledAsync(), "node_modules", "speedscope", "dist", "release", "index.html");
        string profile = Path.Combine(Directory.CreateTempSubdirectory("serverlesstrace-").FullName, "profile.js");
        await File.WriteAllTextAsync(profile, $"speedscope.loadFileFromBase64('trace.json', '{Convert.ToBase64String(json.WrittenSpan)}')");
        IPage page = await (await chromium.OpenAsync()).NewPageAsync();
        await page.GotoAsync($"{new Uri(viewer).AbsoluteUri}#localProfilePath={profile.TrimStart(Path.DirectorySeparatorChar)}");
        return page;
    }

    private static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SERVERLESSTRACE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name) });
        }
    }
}
