using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>
/// One running Azurite. It lives in a process group of its own and outlives a killed host; the next run on the same folder takes it
/// over. It is ended with SIGTERM only, because a killed Azurite loses the writes of its last seconds.
/// </summary>
public sealed partial class AzuriteServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly KnownProcess _process;
    private readonly string _folder;
    private readonly FileStream _ownership;
    private readonly CancellationTokenSource _watching = new();
    private readonly Task _watch;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AzuriteServer(KnownProcess process, AzuritePorts ports, AzuriteOptions options, FileStream ownership, bool reused)
    {
        _process = process;
        _folder = options.Folder;
        _ownership = ownership;
        Ports = ports;
        IsReused = reused;
        DataFolder = options.InMemory ? null : DataFolderOf(options.Folder);
        _watch = WatchAsync();
    }

    /// <summary>The ports it listens on.</summary>
    public AzuritePorts Ports { get; }

    /// <summary>The connection string of its account.</summary>
    public string ConnectionString => Ports.ConnectionString;

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether an earlier run left it behind.</summary>
    public bool IsReused { get; }

    /// <summary>Where its data is; null when it is kept in memory.</summary>
    public string? DataFolder { get; }

    /// <summary>Ends, with a line for the user, when Azurite ends without having been asked to.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Starts Azurite, or takes over the one that a killed run left behind.</summary>
    /// <exception cref="HostStartException">It cannot be installed or started, or somebody else uses its folder or ports.</exception>
    public static async Task<AzuriteServer> StartAsync(AzuriteOptions options, Action<string>? announce = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        announce ??= static _ => { };
        options = options with { Folder = Path.GetFullPath(options.Folder) };
        AzuriteInstallation installation = await AzuriteInstallation.EnsureAsync(
            options.ToolsFolder, announce, new AzuriteInstallation.NodeCommands(), cancellationToken);
        FileStream ownership = ExclusiveFile.TryOpen(Path.Combine(options.Folder, "host.lock")) ?? throw new HostStartException(
            $"Another local host already works in {options.Folder}: stop it, choose another folder with --data FOLDER, or share its storage with --storage CONNECTION.");
        try
        {
            return await TakeOverAsync(options, installation, ownership, announce, cancellationToken)
                ?? await StartNewAsync(options, installation, ownership, cancellationToken);
        }
        catch
        {
            await ownership.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends Azurite and waits until it has written its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch;
        if (_process.IsRunning)
        {
            _process.Terminate();
            await _process.WaitForExitAsync(StopLimit, CancellationToken.None);
        }

        if (!_process.IsRunning)
        {
            File.Delete(StateFileOf(_folder));
        }

        await _ownership.DisposeAsync();
        _watching.Dispose();
    }

    /// <summary>Lets go of it as a killed host does: it goes on running, the folder is free.</summary>
    internal async Task AbandonAsync()
    {
        await _watching.CancelAsync();
        await _watch;
        await _ownership.DisposeAsync();
    }

    private static string StateFileOf(string folder) => Path.Combine(folder, "azurite.json");

    private static string LogFileOf(string folder) => Path.Combine(folder, "azurite.log");

    private static string DataFolderOf(string folder) => Path.Combine(folder, "azurite");

    private static async Task<AzuriteServer?> TakeOverAsync(
        AzuriteOptions options, AzuriteInstallation installation, FileStream ownership, Action<string> announce, CancellationToken cancellationToken)
    {
        if (AzuriteState.Read(StateFileOf(options.Folder)) is not { } left || !left.Process.IsRunning)
        {
            return null;
        }

        bool fits = left.Installation == installation.Folder && left.InMemory == options.InMemory && options.Ports.Accepts(left.Ports);
        if (fits && await AnswersAsync(left.Ports, cancellationToken))
        {
            announce("Going on with the Azurite that an earlier run left behind.");
            return new AzuriteServer(left.Process, left.Ports, options, ownership, reused: true);
        }

        announce("Ending the Azurite that an earlier run left behind …");
        left.Process.Terminate();
        if (!await left.Process.WaitForExitAsync(StopLimit, cancellationToken))
        {
            throw new HostStartException($"The Azurite of an earlier run (process {left.ProcessId}) does not end: end it with 'kill {left.ProcessId}' and try again.");
        }

        return null;
    }

    private static async Task<AzuriteServer> StartNewAsync(
        AzuriteOptions options, AzuriteInstallation installation, FileStream ownership, CancellationToken cancellationToken)
    {
        CheckPorts(options.Ports);
        Directory.CreateDirectory(DataFolderOf(options.Folder));
        string log = LogFileOf(options.Folder);
        AzuriteInstallation.ProcessResult? launched = await AzuriteInstallation.RunAsync(
            "node",
            [installation.Launcher, log, .. CommandOf(options, installation)],
            DataFolderOf(options.Folder),
            cancellationToken,
            ("SERVERLESSTRACE_PARENT_PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        KnownProcess process = launched is { ExitCode: 0 } && int.TryParse(launched.Output, CultureInfo.InvariantCulture, out int id)
            && KnownProcess.Find(id) is { } found ? found : throw DidNotStart(log, launched?.Errors);

        // Written before the ports are known, so that even a host killed right now leaves a trail to it.
        var state = new AzuriteState(process.Id, process.StartedAt, default, options.InMemory, installation.Folder);
        state.Write(StateFileOf(options.Folder));
        try
        {
            AzuritePorts ports = await WaitForPortsAsync(process, log, cancellationToken);
            (state with { Ports = ports }).Write(StateFileOf(options.Folder));
            return new AzuriteServer(process, ports, options, ownership, reused: false);
        }
        catch
        {
            process.Terminate();
            throw;
        }
    }

    private static IEnumerable<string> CommandOf(AzuriteOptions options, AzuriteInstallation installation)
    {
        if (options.HeapMebibytes is { } heap)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"--max-old-space-size={heap}");
        }

        if (options.InMemory)
        {
            yield return "--require";
            yield return installation.EndWithParent;
        }

        yield return installation.Entry;
        foreach ((string service, int port) in new[] { ("blob", options.Ports.Blob), ("queue", options.Ports.Queue), ("table", options.Ports.Table) })
        {
            yield return $"--{service}Host";
            yield return "127.0.0.1";
            yield return $"--{service}Port";
            yield return port.ToString(CultureInfo.InvariantCulture);

            // Node closes idle connections after 5 s by default, just when a client on the usual back-off wants to use them again.
            yield return $"--{service}KeepAliveTimeout";
            yield return "300";
        }

        yield return "--skipApiVersionCheck";
        yield return "--disableTelemetry";
        yield return "--silent";
        if (options.InMemory)
        {
            yield return "--inMemoryPersistence";
        }
        else
        {
            yield return "--location";
            yield return DataFolderOf(options.Folder);
        }
    }

    private static void CheckPorts(AzuritePorts ports)
    {
        foreach (int port in ports.ToArray())
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
            }
            catch (SocketException)
            {
                throw new HostStartException(
                    $"Port {port}, which Azurite needs, is in use by another program: stop that program (perhaps another Azurite), or use its storage with --storage CONNECTION.");
            }
        }
    }

    private static async Task<AzuritePorts> WaitForPortsAsync(KnownProcess process, string log, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (process.IsRunning && Stopwatch.GetElapsedTime(start) < StartLimit)
        {
            Dictionary<string, int> found = ListeningLine().Matches(ReadLog(log))
                .ToDictionary(match => match.Groups[1].Value, match => int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
            if (found.Count == 3)
            {
                return new AzuritePorts(found["Blob"], found["Queue"], found["Table"]);
            }

            await Task.Delay(25, cancellationToken);
        }

        throw DidNotStart(log, null);
    }

    private static async Task<bool> AnswersAsync(AzuritePorts ports, CancellationToken cancellationToken)
    {
        try
        {
            foreach (int port in ports.ToArray())
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(2), cancellationToken);
            }

            return true;
        }
        catch (Exception silent) when (silent is SocketException or TimeoutException or ArgumentException)
        {
            return false;
        }
    }

    private static HostStartException DidNotStart(string log, string? errors)
    {
        string reason = LastLine(errors) ?? LastLine(ReadLog(log)) ?? "it said nothing";
        return new HostStartException($"Azurite did not start ({reason}): see {log}, or use another storage account with --storage CONNECTION.");
    }

    private static string ReadLog(string log)
    {
        try
        {
            using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }

    // The last line of a Node stack trace says nothing; the line with the error does.
    private static string? LastLine(string? text)
    {
        string[] lines = (text ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.LastOrDefault(line => line.Contains("Error", StringComparison.Ordinal)) ?? lines.LastOrDefault();
    }

    private async Task WatchAsync()
    {
        while (_process.IsRunning)
        {
            await Task.Delay(250, _watching.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_watching.IsCancellationRequested)
            {
                return;
            }
        }

        string reason = LastLine(ReadLog(LogFileOf(_folder))) ?? "it said nothing";
        _ended.TrySetResult($"Azurite ended unexpectedly ({reason}): see {LogFileOf(_folder)}, then start again.");
    }

    [GeneratedRegex(@"Azurite (Blob|Queue|Table) service is successfully listening at http://127\.0\.0\.1:(\d+)")]
    private static partial Regex ListeningLine();
}
