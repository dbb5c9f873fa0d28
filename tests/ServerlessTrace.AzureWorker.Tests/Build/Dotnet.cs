using System.Diagnostics;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.AzureWorker.Tests.Build;

/// <summary>Runs the .NET SDK on the worker's project.</summary>
internal static class Dotnet
{
    private const string Project = "functions/ServerlessTrace.AzureWorker/ServerlessTrace.AzureWorker.csproj";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>
    /// Runs a verb; returns its exit code and what it wrote. What the solution has built is taken as it is, and the Durable Task Scheduler's package,
    /// which not every registry serves, is left out.
    /// </summary>
    public static (int Exit, string Output) Run(string verb, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet", [verb, Project, "-p:DurableTaskScheduler=false", .. options])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_NOLOGO"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {verb} did not end within {Limit}.");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }
}
