using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ServerlessTrace.LocalHost;

/// <summary>A process that is perhaps not our child, told from a later one of the same id by when it started.</summary>
/// <param name="Id">The operating system's id.</param>
/// <param name="StartedAt">When it started.</param>
internal sealed record KnownProcess(int Id, DateTimeOffset StartedAt)
{
    private const int Sigterm = 15;

    // Start times are derived from clock ticks since boot and differ a little from reading to reading.
    private static readonly TimeSpan StartTimeTolerance = TimeSpan.FromSeconds(3);

    public static KnownProcess This { get; } = Find(Environment.ProcessId)!;

    /// <summary>Whether it runs, as far as this user may know.</summary>
    public bool IsRunning
    {
        get
        {
            try
            {
                return Find(Id) is { } found && (found.StartedAt - StartedAt).Duration() <= StartTimeTolerance;
            }
            catch (Win32Exception)
            {
                return true;
            }
        }
    }

    /// <summary>The process of an id; null when there is none.</summary>
    /// <exception cref="Win32Exception">It is another user's.</exception>
    public static KnownProcess? Find(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited || IsZombie(id) ? null : new KnownProcess(id, process.StartTime);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Asks the process to end; Azurite then writes what it holds. It is never killed: that loses acknowledged writes.</summary>
    public void Terminate() => _ = kill(Id, Sigterm);

    public async Task<bool> WaitForExitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (IsRunning)
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(25, cancellationToken);
        }

        return true;
    }

    // An orphan that ended stays in the process table until process 1 collects it, which in many containers never happens.
    private static bool IsZombie(int id)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
