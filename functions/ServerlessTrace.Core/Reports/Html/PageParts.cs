namespace ServerlessTrace.Core.Reports.Html;

/// <summary>What other pages of the product have in common with the report: its look, how it makes elements and shows foreign text.</summary>
public static class PageParts
{
    /// <summary>Colours by day and by night, type, buttons, tabs, tables, maps.</summary>
    public static string Style { get; } = PageTemplate.Resource("base.css") + PageTemplate.Resource("map.css");

    /// <summary>Text and elements that are inert whatever they come from: <c>plain</c>, <c>duration</c>, <c>element</c>, <c>table</c> and so on; and <c>map</c>.</summary>
    public static string Script { get; } = PageTemplate.Resource("text.js") + PageTemplate.Resource("elements.js") + PageTemplate.Resource("map.js");

    /// <summary>The report's script as a source of Content Security Policy 3, for pages that open reports: what they open answers to their policy, too.</summary>
    public static string ReportScriptSource => PageTemplate.ScriptSource;

    /// <summary>The report's style as a source.</summary>
    public static string ReportStyleSource => PageTemplate.StyleSource;

    /// <summary>The hash of an inline script or style as a source.</summary>
    public static string Source(string content) => PageTemplate.Hash(content);
}
