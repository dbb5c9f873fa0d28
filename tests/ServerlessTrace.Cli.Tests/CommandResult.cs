namespace ServerlessTrace.Cli.Tests;

internal sealed record CommandResult(int ExitCode, string Output, string Errors);
