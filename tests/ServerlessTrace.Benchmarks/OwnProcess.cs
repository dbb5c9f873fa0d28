using System.Diagnostics;

namespace ServerlessTrace.Benchmarks;

/// <summary>Starts this program again, with standard input and output redirected.</summary>
internal static class OwnProcess
{
    public static Process Start(params ReadOnlySpan<string> arguments)
    {
        // Not by the path of the running program, which is `dotnet` where it was given this assembly.
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { typeof(OwnProcess).Assembly.Location },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
