using System.Diagnostics;
using System.Text;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>The local host's executable as a process of its own, which can be killed.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output;

    private HostProcess(Process process, StringBuilder output, RunningService service)
    {
        _process = process;
        _output = output;
        Service = service;
    }

    public RunningService Service { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a host and waits until it serves.</summary>
    public static async Task<HostProcess> StartAsync(string connectionString, string dataFolder, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "ServerlessTrace.LocalHost.dll"),
                "--storage", connectionString, "--port", "0", "--data", dataFolder,
            },
            Environment = { ["Seal__QuietPeriod"] = "00:00:03" },
        };
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        var ready = new TaskCompletionSource<(Uri Address, string Key)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Uri? address = null;
        void Take(object sender, DataReceivedEventArgs line)
        {
            string text = line.Data?.Trim() ?? string.Empty;
            lock (output)
            {
                output.AppendLine(text);
            }

            string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["URL", var url, ..])
            {
                address = new Uri(url);
            }
            else if (words is ["Key", var key, ..] && address is not null)
            {
                ready.TrySetResult((address, key));
            }
        }

        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Task exited = process.WaitForExitAsync();
        if (await Task.WhenAny(ready.Task, exited, Task.Delay(TimeSpan.FromSeconds(60))) != ready.Task)
        {
            process.Kill();
            throw new Xunit.Sdk.XunitException($"The host did not start:\n{output}");
        }

        (Uri serving, string functionKey) = await ready.Task;
        return new HostProcess(process, output, new RunningService(serving, functionKey, connectionString));
    }

    /// <summary>kill -9: nothing is drained, nothing is released.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await Service.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
