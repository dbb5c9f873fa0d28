using System.Globalization;

namespace ServerlessTrace.LocalHost;

/// <summary>
/// Names one host in one process, so that another on the same machine can tell at once that the process is gone, instead of
/// waiting for its leases to end.
/// </summary>
/// <param name="Machine">The machine and its space of process ids (a container has its own).</param>
/// <param name="ProcessId">The process.</param>
/// <param name="StartedAt">When it started, in seconds of Unix time: process ids are used again.</param>
/// <param name="Host">The host in the process.</param>
internal sealed record HostIdentity(string Machine, int ProcessId, long StartedAt, string Host)
{
    public static HostIdentity New() =>
        new(ThisMachine(), KnownProcess.This.Id, KnownProcess.This.StartedAt.ToUnixTimeSeconds(), Guid.NewGuid().ToString("n")[..8]);

    /// <summary>Whether the host that wrote <paramref name="text"/> ran on this machine and is certainly gone.</summary>
    public static bool IsKnownDead(string text) =>
        text.Split('|') is [var machine, var id, var startedAt, _]
        && machine == ThisMachine()
        && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
        && long.TryParse(startedAt, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
        && !new KnownProcess(processId, DateTimeOffset.FromUnixTimeSeconds(seconds)).IsRunning;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Machine}|{ProcessId}|{StartedAt}|{Host}");

    private static string ThisMachine()
    {
        string? space = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return $"{Environment.MachineName}{space}".Replace('|', '-');
    }
}
