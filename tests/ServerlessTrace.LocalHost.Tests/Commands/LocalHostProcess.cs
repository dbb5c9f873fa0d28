using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ServerlessTrace.LocalHost.Tests.Hosting;

namespace ServerlessTrace.LocalHost.Tests.Commands;

/// <summary>The program as a user runs it.</summary>
internal sealed class LocalHostProcess : IAsyncDisposable
{
    private const int Sigint = 2;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    public LocalHostProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(LocalFunctionHost).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string[] Output => [.. _output];

    public string[] Errors => [.. _errors];

    public int ExitCode => _process.ExitCode;

    public Task WaitForLineAsync(string part) => Eventually.TrueAsync(
        () => Task.FromResult(Output.Any(line => line.Contains(part, StringComparison.Ordinal))),
        () => $"No line with '{part}': {string.Join('\n', [.. Output, .. Errors])}");

    /// <summary>The value of a line such as <c>URL   http://…</c>.</summary>
    public string ValueOf(string fact) => Output.Select(line => line.Trim()).First(line => line.StartsWith(fact, StringComparison.Ordinal))[fact.Length..].Trim();

    public void Interrupt() => _ = kill(_process.Id, Sigint);

    public void Kill() => _process.Kill();

    public Task WaitForExitAsync() => _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Interrupt();
            await WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lines.Enqueue(line);
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
