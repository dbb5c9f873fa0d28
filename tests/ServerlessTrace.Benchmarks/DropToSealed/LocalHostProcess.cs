using System.Diagnostics;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>LocalHost in a process of its own, which ends with this object.</summary>
internal sealed class LocalHostProcess : IDisposable
{
    private LocalHostProcess(Process process, Uri address, string key) => (Process, Address, Key) = (process, address, key);

    public Process Process { get; }

    public Uri Address { get; }

    public string Key { get; }

    /// <param name="connectionString">The storage account.</param>
    /// <param name="data">The folder for the keys.</param>
    /// <param name="build">The folder of the build; the copy beside this program by default.</param>
    public static async Task<LocalHostProcess> StartAsync(string connectionString, string data, string? build = null)
    {
        string program = Path.Combine(build ?? AppContext.BaseDirectory, "ServerlessTrace.LocalHost.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { program, "--storage", connectionString, "--port", "0", "--data", data },
        })!;
        Uri? address = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["URL", var url, ..])
            {
                address = new Uri(url);
            }
            else if (words is ["Key", var key, ..] && address is not null)
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new LocalHostProcess(process, address, key);
            }
        }

        throw new InvalidOperationException("The host did not start.");
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }
}
