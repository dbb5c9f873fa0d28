namespace ServerlessTrace.Core.Reports.Html;

/// <summary>What the page shows of a span beside its fields, numbered as in <c>Page/trace.js</c>.</summary>
[Flags]
internal enum PageFlags
{
    None = 0,
    Open = 1,
    Asynchronous = 2,
    Contradicted = 4,
    Truncated = 8,
    ServiceFromSource = 16,
    WithoutTime = 32,
}
