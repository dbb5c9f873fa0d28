using System.Text;
using ServerlessTrace.Core.Reports.Html;

namespace ServerlessTrace.Functions.Api.Web;

/// <summary>The page at <c>/</c>: one file with its style and script, which loads nothing but what the API answers.</summary>
internal static class WebPage
{
    private static readonly string Style = PageParts.Style + Resource("home.css");
    private static readonly string Script = "'use strict';\n" + PageParts.Script + Resource("home.js");

    /// <summary>The page, UTF-8.</summary>
    public static byte[] Content { get; } = Encoding.UTF8.GetBytes(
        Resource("home.html").Replace("{{style}}", Style, StringComparison.Ordinal).Replace("{{script}}", Script, StringComparison.Ordinal));

    /// <summary>
    /// What it may do (Content Security Policy 3): run its own script and style and ask this service. Reports that it opens answer to the same policy,
    /// so their script and style are allowed, too.
    /// </summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; script-src {PageParts.Source(Script)} {PageParts.ReportScriptSource}; style-src {PageParts.Source(Style)} {PageParts.ReportStyleSource}; "
        + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Browsers hash what they parsed, and parsing makes every line end a line feed.</summary>
    private static string Resource(string name)
    {
        using Stream stream = typeof(WebPage).Assembly.GetManifestResourceStream("Web." + name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
