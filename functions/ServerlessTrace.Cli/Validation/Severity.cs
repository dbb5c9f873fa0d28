namespace ServerlessTrace.Cli.Validation;

/// <summary>How much a finding costs.</summary>
internal enum Severity
{
    /// <summary>Records or traces are lost, or wrong.</summary>
    Error,

    /// <summary>Traces are less useful than they could be.</summary>
    Warning,
}
