using System.Diagnostics;
using System.Text;

namespace ServerlessTrace.Cli.Tests;

/// <summary>Runs the command-line tool as its users do: as a process.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public static Task<CommandResult> RunInAsync(string folder, params string[] arguments) => RunAsync(arguments, [], folder);

    public static async Task<CommandResult> RunAsync(string[] arguments, byte[] input, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        start.ArgumentList.Add(Path.Join(AppContext.BaseDirectory, "serverlesstrace.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using var deadline = new CancellationTokenSource(Deadline);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }
}
