using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>
/// Names one engine in one process, so that another on the same machine can tell at once that the process is gone, instead of
/// waiting for its leases to end.
/// </summary>
/// <param name="Machine">The machine and its space of process ids (a container has its own).</param>
/// <param name="ProcessId">The process.</param>
/// <param name="StartedAt">When it started, in seconds of Unix time: process ids are used again.</param>
/// <param name="Engine">The engine in the process.</param>
internal sealed record HostIdentity(string Machine, int ProcessId, long StartedAt, string Engine)
{
    // Start times are derived from clock ticks since boot and differ a little from reading to reading.
    private const int StartTimeTolerance = 3;

    public static HostIdentity New()
    {
        using var self = Process.GetCurrentProcess();
        return new HostIdentity(ThisMachine(), self.Id, StartOf(self), Guid.NewGuid().ToString("n")[..8]);
    }

    /// <summary>Whether the host that wrote <paramref name="text"/> ran on this machine and is certainly gone.</summary>
    public static bool IsKnownDead(string text)
    {
        string[] parts = text.Split('|');
        return parts.Length == 4
            && parts[0] == ThisMachine()
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long startedAt)
            && !IsRunning(id, startedAt);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Machine}|{ProcessId}|{StartedAt}|{Engine}");

    private static bool IsRunning(int id, long startedAt)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !IsZombie(id) && Math.Abs(StartOf(process) - startedAt) <= StartTimeTolerance;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (Exception hidden) when (hidden is Win32Exception or NotSupportedException)
        {
            return true;
        }
    }

    private static bool IsZombie(int id)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static long StartOf(Process process) => new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeSeconds();

    private static string ThisMachine()
    {
        string? space = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return $"{Environment.MachineName}{space}".Replace('|', '-');
    }
}
