using System.Security.Cryptography;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>Packages for Node.js as a committed lock file describes them, installed once a machine.</summary>
/// <param name="source">The folder beside the tests with <c>package.json</c> and its lock file.</param>
/// <param name="scripts">What else of it is needed.</param>
internal sealed class NodePackages(string source, params IReadOnlyList<string> scripts)
{
    private readonly Lazy<Task<string>> _installed = new(() => InstallAsync(source, ["package.json", "package-lock.json", .. scripts]));

    /// <summary>Where they are.</summary>
    public Task<string> InstalledAsync() => _installed.Value;

    private static async Task<string> InstallAsync(string name, string[] parts)
    {
        string source = Path.Combine(AppContext.BaseDirectory, name);
        byte[] content = [.. parts.SelectMany(part => File.ReadAllBytes(Path.Combine(source, part)))];
        string tools = new AzuriteOptions { Folder = string.Empty }.ToolsFolder;
        string folder = Path.Combine(tools, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}");
        string mark = Path.Combine(folder, ".installed");
        Directory.CreateDirectory(folder);
        await using FileStream turn = await OpenAloneAsync(folder + ".lock");
        if (!File.Exists(mark))
        {
            foreach (string part in parts)
            {
                File.Copy(Path.Combine(source, part), Path.Combine(folder, part), overwrite: true);
            }

            await Tool.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder);
            await File.WriteAllTextAsync(mark, string.Empty);
        }

        return folder;
    }

    // Other runs of these tests, in other working copies, may share the folder.
    private static async Task<FileStream> OpenAloneAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }
}
