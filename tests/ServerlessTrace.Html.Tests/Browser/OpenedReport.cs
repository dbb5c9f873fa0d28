using Microsoft.Playwright;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Reports.Html;

namespace ServerlessTrace.Html.Tests.Browser;

/// <summary>A report, opened from disk as a user would.</summary>
internal sealed class OpenedReport : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _file;
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];

    private OpenedReport(IBrowserContext context, IPage page, string file)
    {
        _context = context;
        _file = file;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            _complaints.Add("dialog: " + dialog.Message);
            await dialog.DismissAsync();
        };
        context.Request += (_, request) => _requests.Add(request.Url);
    }

    public IPage Page { get; }

    /// <summary>Errors of scripts, violations of the policy, dialogs.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>What was loaded.</summary>
    public IReadOnlyList<string> Requests => _requests;

    public ILocator Rows => Page.Locator("#grid [role=row]");

    public ILocator Selected => Page.Locator("#grid [role=row][aria-selected=true]");

    public ILocator Details => Page.GetByRole(AriaRole.Complementary, new() { Name = "Span details" });

    public static async Task<OpenedReport> OfAsync(Chromium chromium, Trace trace, int width = 1280, int height = 900, bool dark = false, bool scripts = true)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("serverlesstrace-").FullName, "trace.html");
        await using (FileStream stream = File.Create(file))
        {
            HtmlReport.Write(stream, new TraceAnalysis(trace), isSealed: null, revision: 0);
        }

        IBrowserContext context = await chromium.OpenAsync(width, height, dark, scripts);
        var report = new OpenedReport(context, await context.NewPageAsync(), file);
        await report.Page.GotoAsync(new Uri(file).AbsoluteUri);
        if (scripts)
        {
            await report.Page.WaitForSelectorAsync("html[data-ready=true]", new() { State = WaitForSelectorState.Attached });
        }

        return report;
    }

    /// <summary>The row of a span by its operation, on screen.</summary>
    public ILocator Row(string operation) => Rows.Filter(new() { Has = Page.Locator(".operation", new() { HasTextString = operation }) });

    public Task TabAsync(string name) => Page.GetByRole(AriaRole.Tab, new() { Name = name }).ClickAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }
}
