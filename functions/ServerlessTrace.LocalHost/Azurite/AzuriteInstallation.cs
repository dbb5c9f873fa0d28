using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;

namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>Azurite as the committed lock file describes it, installed once and found again by that file's hash.</summary>
internal sealed class AzuriteInstallation
{
    private const int OldestNode = 20;
    private const string Advice = "or use another storage account with --storage CONNECTION";
    private static readonly string[] Parts = ["package.json", "package-lock.json", "launch.js", "end-with-parent.js"];

    private AzuriteInstallation(string folder) => Folder = folder;

    public string Folder { get; }

    public string Launcher => Path.Combine(Folder, "launch.js");

    public string EndWithParent => Path.Combine(Folder, "end-with-parent.js");

    public string Entry => Path.Combine(Folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>Finds the installation, or makes it; several processes may ask at the same time.</summary>
    /// <exception cref="HostStartException">Node is missing or too old, or <c>npm ci</c> failed.</exception>
    public static async Task<AzuriteInstallation> EnsureAsync(
        string toolsFolder, Action<string> announce, NodeCommands commands, CancellationToken cancellationToken)
    {
        await CheckNodeAsync(commands, cancellationToken);
        Dictionary<string, byte[]> parts = Parts.ToDictionary(name => name, ReadPart);
        var installation = new AzuriteInstallation(Path.GetFullPath(Path.Combine(toolsFolder, "azurite-" + Hash(parts))));
        string mark = Path.Combine(installation.Folder, ".installed");
        if (File.Exists(mark))
        {
            return installation;
        }

        await using FileStream turn = await ExclusiveFile.OpenAsync(installation.Folder + ".lock", cancellationToken);
        if (!File.Exists(mark))
        {
            announce("Installing the storage emulator Azurite (once) …");
            Directory.CreateDirectory(installation.Folder);
            foreach ((string name, byte[] content) in parts)
            {
                await File.WriteAllBytesAsync(Path.Combine(installation.Folder, name), content, cancellationToken);
            }

            await InstallAsync(installation.Folder, commands, cancellationToken);
            await File.WriteAllTextAsync(mark, string.Empty, cancellationToken);
        }

        return installation;
    }

    private static async Task CheckNodeAsync(NodeCommands commands, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new HostStartException($"Azurite cannot be stopped without losing data on Windows: run this in WSL, {Advice}.");
        }

        string needed = $"Azurite, the storage emulator, needs Node.js {OldestNode} or later";
        ProcessResult node = await RunAsync(commands.Node, ["--version"], null, cancellationToken)
            ?? throw new HostStartException($"{needed} and 'node' was not found: install it (https://nodejs.org), {Advice}.");
        string version = node.Output.Trim();
        if (!int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) || major < OldestNode)
        {
            throw new HostStartException($"{needed} but 'node' is {version}: update it (https://nodejs.org), {Advice}.");
        }
    }

    private static async Task InstallAsync(string folder, NodeCommands commands, CancellationToken cancellationToken)
    {
        // No install scripts: Azurite runs without them, and they would run code of several hundred packages.
        string[] arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        ProcessResult npm = await RunAsync(commands.Npm, arguments, folder, cancellationToken)
            ?? throw new HostStartException($"Azurite is installed with npm and 'npm' was not found: install it (https://nodejs.org), {Advice}.");
        if (npm.ExitCode != 0)
        {
            string log = Path.Combine(folder, "npm-ci.log");
            await File.WriteAllTextAsync(log, npm.Output + npm.Errors, cancellationToken);
            string reason = npm.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.Trim() ?? "no reason given";
            throw new HostStartException(
                $"Azurite could not be installed, 'npm ci' ended with code {npm.ExitCode} ({reason}): check the network and try again (details in {log}), {Advice}.");
        }
    }

    private static byte[] ReadPart(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Azurite." + name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string Hash(Dictionary<string, byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Parts)
        {
            hash.AppendData(parts[name]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    internal static async Task<ProcessResult?> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? folder,
        CancellationToken cancellationToken,
        (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? string.Empty,
        };
        if (variable is { } set)
        {
            start.Environment[set.Name] = set.Value;
        }

        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ProcessResult(process.ExitCode, await output, await errors);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>What Node and npm are called.</summary>
    internal sealed record NodeCommands(string Node = "node", string Npm = "npm");

    internal sealed record ProcessResult(int ExitCode, string Output, string Errors);
}
