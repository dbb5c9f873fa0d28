using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;

namespace ServerlessTrace.Html.Tests.Browser;

/// <summary>
/// The Chromium of the committed lock file, installed once and found again by that file's hash. It brings the libraries and a font
/// that a bare machine lacks; what npm installs is compressed, and is unpacked here.
/// </summary>
internal sealed class ChromiumInstallation
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private ChromiumInstallation(string folder) => Folder = folder;

    public string Folder { get; }

    public string Executable => Path.Combine(Folder, "chromium");

    /// <summary>What the process needs to find its libraries and fonts.</summary>
    public IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            // A library of the system's own is younger; theirs only stand in where there is none.
            string libraries = string.Join(':', new[] { System.Environment.GetEnvironmentVariable("LD_LIBRARY_PATH"), Folder, Path.Combine(Folder, "lib") }.Where(path => !string.IsNullOrEmpty(path)));
            var environment = new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = libraries, ["FONTCONFIG_FILE"] = Path.Combine(Folder, "fonts.conf") };
            foreach (string name in new[] { "PATH", "HOME", "TMPDIR" })
            {
                if (System.Environment.GetEnvironmentVariable(name) is { } value)
                {
                    environment[name] = value;
                }
            }

            return environment;
        }
    }

    public static async Task<ChromiumInstallation> EnsureAsync()
    {
        string tools = System.Environment.GetEnvironmentVariable("SERVERLESSTRACE_TOOLS") ?? Path.Combine(Repository(), ".serverlesstrace", "tools");
        byte[] description = Resource("package.json");
        byte[] locked = Resource("package-lock.json");
        string hash = Convert.ToHexStringLower(SHA256.HashData([.. description, .. locked]))[..12];
        var installation = new ChromiumInstallation(Path.GetFullPath(Path.Combine(tools, "chromium-" + hash)));
        string mark = Path.Combine(installation.Folder, ".installed");
        Directory.CreateDirectory(tools);
        await using FileStream turn = await TurnAsync(installation.Folder + ".lock");
        if (!File.Exists(mark))
        {
            Directory.CreateDirectory(installation.Folder);
            await File.WriteAllBytesAsync(Path.Combine(installation.Folder, "package.json"), description);
            await File.WriteAllBytesAsync(Path.Combine(installation.Folder, "package-lock.json"), locked);
            await RunNpmAsync(installation.Folder);
            await installation.UnpackAsync();
            await File.WriteAllTextAsync(mark, string.Empty);
        }

        return installation;
    }

    private async Task UnpackAsync()
    {
        string packed = Path.Combine(Folder, "node_modules", "@sparticuz", "chromium", "bin");
        await using (FileStream binary = File.Create(Executable))
        {
            await using var content = new BrotliStream(File.OpenRead(Path.Combine(packed, "chromium.br")), CompressionMode.Decompress);
            await content.CopyToAsync(binary);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Executable, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (string archive in new[] { "al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br" })
        {
            await using var content = new BrotliStream(File.OpenRead(Path.Combine(packed, archive)), CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(content, Folder, overwriteFiles: true);
        }

        File.Delete(Path.Combine(packed, "chromium.br"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "fonts.conf"), $"""
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig>
              <dir>{Path.Combine(Folder, "fonts")}</dir>
              <dir>/usr/share/fonts</dir>
              <cachedir>{Path.Combine(Folder, "font-cache")}</cachedir>
              <alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
              <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
            </fontconfig>
            """);
    }

    private static async Task RunNpmAsync(string folder)
    {
        var start = new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        {
            WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using Process npm = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        Task<string> errors = npm.StandardError.ReadToEndAsync(limit.Token);
        await npm.StandardOutput.ReadToEndAsync(limit.Token);
        await npm.WaitForExitAsync(limit.Token);
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm ci ended with code {npm.ExitCode}: {await errors}");
        }
    }

    /// <summary>Several test runs may want to install at the same time.</summary>
    private static async Task<FileStream> TurnAsync(string file)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(100, limit.Token);
            }
        }
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Browser." + name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ServerlessTrace.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? AppContext.BaseDirectory;
    }
}
