using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ServerlessTrace.Core.Reports.Html;

/// <summary>The page without a trace: <c>report.html</c> with its style, its scripts and its policy filled in.</summary>
internal static partial class PageTemplate
{
    /// <summary>In this order they are one script.</summary>
    private static readonly string[] Scripts =
        ["text.js", "trace.js", "elements.js", "search.js", "timeline.js", "minimap.js", "details.js", "flame.js", "map.js", "services.js", "sections.js", "page.js"];

    /// <summary>In this order they are one style: the last is this page's own.</summary>
    private static readonly string[] Styles = ["base.css", "map.css", "report.css"];

    private static readonly string Style = string.Concat(Styles.Select(Resource));
    private static readonly string Script = "'use strict';\n" + string.Concat(Scripts.Select(Resource));

    /// <summary>The hash of the page's script, as a source of Content Security Policy 3.</summary>
    public static string ScriptSource { get; } = Hash(Script);

    /// <summary>The hash of the page's style.</summary>
    public static string StyleSource { get; } = Hash(Style);

    /// <summary>What the page may do.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; script-src {ScriptSource}; style-src {StyleSource}; img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>Literal text, each followed by the name of what is to be filled in there; null after the last.</summary>
    public static IReadOnlyList<(string Literal, string? Place)> Parts { get; } = Split(
        Resource("report.html").Replace("{{policy}}", Policy, StringComparison.Ordinal)
            .Replace("{{style}}", Style, StringComparison.Ordinal)
            .Replace("{{script}}", Script, StringComparison.Ordinal));

    private static List<(string Literal, string? Place)> Split(string page)
    {
        var parts = new List<(string, string?)>();
        int from = 0;
        foreach (Match place in Placeholder().Matches(page))
        {
            parts.Add((page[from..place.Index], place.Groups[1].Value));
            from = place.Index + place.Length;
        }

        parts.Add((page[from..], null));
        return parts;
    }

    /// <summary>Browsers hash what they parsed, and parsing makes every line end a line feed.</summary>
    public static string Resource(string name)
    {
        using Stream stream = typeof(PageTemplate).Assembly.GetManifestResourceStream("HtmlReport." + name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    public static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    [GeneratedRegex(@"\{\{(title|headline|text|data)\}\}")]
    private static partial Regex Placeholder();
}
