namespace ServerlessTrace.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Fine, though lines may have been unreadable.</summary>
    public const int Fine = 0;

    /// <summary>Nothing was readable, what was asked for is absent, or the service could not be reached.</summary>
    public const int Nothing = 1;

    /// <summary>The command line makes no sense, or the output cannot be written.</summary>
    public const int Usage = 2;
}
