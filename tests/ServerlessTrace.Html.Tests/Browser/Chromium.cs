using System.Reflection;
using Microsoft.Playwright;

namespace ServerlessTrace.Html.Tests.Browser;

/// <summary>One browser for all tests; each test has a context of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-zygote", "--disable-background-networking", "--disable-quic", "--force-color-profile=srgb",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A value that the project file left in the assembly.</summary>
    public static string Metadata(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    public async Task InitializeAsync()
    {
        ChromiumInstallation installation = await ChromiumInstallation.EnsureAsync();
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", Metadata("PlaywrightDriver"));
        Environment.SetEnvironmentVariable("PLAYWRIGHT_NODEJS_PATH", OnPath("node"));
        _playwright = await Playwright.CreateAsync().WaitAsync(TimeSpan.FromSeconds(60));
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = installation.Executable, Args = Arguments, Headless = true, Timeout = 60_000, Env = installation.Environment.ToDictionary(),
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }

        _playwright?.Dispose();
    }

    /// <summary>A window of a size, light or dark; nothing it does takes longer than ten seconds.</summary>
    public async Task<IBrowserContext> OpenAsync(int width = 1280, int height = 900, bool dark = false, bool scripts = true)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = scripts,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(10_000);
        return context;
    }

    private static string OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;
}
