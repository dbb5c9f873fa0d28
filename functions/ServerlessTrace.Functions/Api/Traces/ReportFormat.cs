namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>A representation of a trace report.</summary>
internal enum ReportFormat
{
    /// <summary>Plain text.</summary>
    Text,

    /// <summary>Markdown.</summary>
    Markdown,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>A page for the browser.</summary>
    Html,
}
