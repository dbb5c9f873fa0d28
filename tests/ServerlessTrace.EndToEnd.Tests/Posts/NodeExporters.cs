using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>The OpenTelemetry exporters for Node.js as the committed lock file describes them, installed once.</summary>
internal static class NodeExporters
{
    private static readonly string[] Parts = ["package.json", "package-lock.json", "send.js"];
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>Sends a trace of two spans; returns its id and what the exporter was answered.</summary>
    public static async Task<JsonObject> SendAsync(Uri url, string key, string encoding, string compression)
    {
        string folder = await Installed.Value;
        string output = await RunAsync("node", ["send.js", url.ToString(), key, encoding, compression], folder);
        return JsonNode.Parse(output)!.AsObject();
    }

    private static async Task<string> InstallAsync()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "OpenTelemetryNode");
        byte[] content = [.. Parts.SelectMany(part => File.ReadAllBytes(Path.Combine(source, part)))];
        string tools = new AzuriteOptions { Folder = string.Empty }.ToolsFolder;
        string folder = Path.Combine(tools, "opentelemetry-node-" + Convert.ToHexStringLower(SHA256.HashData(content))[..12]);
        string mark = Path.Combine(folder, ".installed");
        Directory.CreateDirectory(folder);
        await using FileStream turn = await OpenAloneAsync(folder + ".lock");
        if (!File.Exists(mark))
        {
            foreach (string part in Parts)
            {
                File.Copy(Path.Combine(source, part), Path.Combine(folder, part), overwrite: true);
            }

            await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder);
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

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        return await output;
    }
}
