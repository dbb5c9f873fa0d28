using Microsoft.Playwright;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Html.Tests.Browser;

namespace ServerlessTrace.Html.Tests;

/// <summary>
/// The page of the demo's traces and of bigger ones, light and dark, wide and narrow. With SERVERLESSTRACE_SCREENSHOTS set to a folder
/// it leaves pictures there to look at; those in <c>Screenshots</c> are in the README.
/// </summary>
[Collection(ChromiumCollection.Name)]
public sealed class ScreenshotTests(Chromium chromium)
{
    private const string Failing = "0af7651916cd43dd8448eb211c80319c";
    private const string Asynchronous = "5e771e0a1b2c3d4e5f60718293a4b5c6";
    private const string Small = "c0ffee11d2e34f5a6b7c8d9e0f1a2b3c";

    /// <summary>Each kind of trace on a wide and a narrow screen, light and dark.</summary>
    public static TheoryData<string, int, bool> Looks
    {
        get
        {
            var looks = new TheoryData<string, int, bool>();
            foreach (string name in new[] { "small", "failing", "asynchronous", "skewed", "1041", "10000" })
            {
                foreach (int width in new[] { 1280, 390 })
                {
                    looks.Add(name, width, false);
                    looks.Add(name, width, true);
                }
            }

            return looks;
        }
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task The_page_fits_its_window_in_every_view(string name, int width, bool dark)
    {
        await using OpenedReport report = await OpenedReport.OfAsync(chromium, await TraceOfAsync(name), width, width == 390 ? 844 : 900, dark);
        foreach (string tab in new[] { "Timeline", "Flame graph", "Service map", "Report" })
        {
            await report.TabAsync(tab);
            if (tab == "Timeline" && (name is "failing" or "skewed"))
            {
                await report.Row(name == "failing" ? "charge_card" : "async").ClickAsync();
            }

            Assert.Equal(width, await report.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            if (Environment.GetEnvironmentVariable("SERVERLESSTRACE_SCREENSHOTS") is { Length: > 0 } folder)
            {
                string look = $"{name}-{tab.ToLowerInvariant().Replace(' ', '-')}-{width}-{(dark ? "dark" : "light")}.png";
                await report.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, look) });
            }
        }

        Assert.Empty(report.Complaints);
    }

    private static Task<Trace> TraceOfAsync(string name) => name switch
    {
        "1041" => Task.FromResult(BigTraces.Bushy(1041)),
        "10000" => Task.FromResult(BigTraces.Bushy(10_000)),
        "failing" => SampleAsync(Failing),
        "asynchronous" => SampleAsync(Asynchronous),
        "skewed" => RecordedAsync("skew.json"),
        _ => SampleAsync(Small),
    };

    /// <summary>A trace that somebody else recorded.</summary>
    private static async Task<Trace> RecordedAsync(string name)
    {
        SpanBatch batch = await ReadAsync([Path.Combine(AppContext.BaseDirectory, "Recorded", name)]);
        return new Trace(batch, new SpanMerger().Merge(batch).Single());
    }

    /// <summary>A trace of the demo.</summary>
    private static async Task<Trace> SampleAsync(string id)
    {
        SpanBatch batch = await ReadAsync(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Samples")).Order(StringComparer.Ordinal));
        return new Trace(batch, new SpanMerger().Merge(batch).Single(range => range.TraceId.ToString() == id));
    }

    private static async Task<SpanBatch> ReadAsync(IEnumerable<string> files)
    {
        var batch = new SpanBatch();
        foreach (string file in files)
        {
            await using var reader = new SpanSourceReader(File.OpenRead(file), Path.GetFileName(file));
            while (await reader.ReadBatchAsync(batch, CancellationToken.None))
            {
            }
        }

        return batch;
    }
}
