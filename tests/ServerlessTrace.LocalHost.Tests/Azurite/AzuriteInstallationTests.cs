using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Azurite;

public sealed class AzuriteInstallationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_missing_Node_is_explained_in_one_line() =>
        await AssertExplainedAsync(new("no-such-node"), "'node' was not found", "https://nodejs.org", "--storage");

    [Fact]
    public async Task An_old_Node_is_explained_in_one_line() =>
        await AssertExplainedAsync(new(Script("echo v18.19.0")), "'node' is v18.19.0", "Node.js 20 or later");

    [Fact]
    public async Task A_missing_npm_is_explained_in_one_line() => await AssertExplainedAsync(new(Npm: "no-such-npm"), "'npm' was not found");

    [Fact]
    public async Task A_failing_npm_is_explained_in_one_line_and_tried_again_the_next_time()
    {
        await AssertExplainedAsync(new(Npm: Script("echo 'npm error network' >&2; echo more >&2; exit 7")), "'npm ci' ended with code 7 (npm error network)");
        await AssertExplainedAsync(new(Npm: Script("exit 8")), "code 8");
    }

    [Fact]
    public async Task It_is_installed_once_however_many_ask()
    {
        string count = Path.Combine(_folder, "count");
        var commands = new AzuriteInstallation.NodeCommands(Npm: Script($"echo x >> {count}"));

        AzuriteInstallation[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => InstallAsync(commands)));

        Assert.Single(all.Select(one => one.Folder).Distinct());
        Assert.Single(await File.ReadAllLinesAsync(count));
    }

    [Fact]
    public void The_lock_file_names_no_registry()
    {
        using Stream stream = typeof(AzuriteInstallation).Assembly.GetManifestResourceStream("Azurite.package-lock.json")!;
        using var reader = new StreamReader(stream);

        Assert.DoesNotContain("\"resolved\"", reader.ReadToEnd(), StringComparison.Ordinal);
    }

    private Task<AzuriteInstallation> InstallAsync(AzuriteInstallation.NodeCommands commands) =>
        AzuriteInstallation.EnsureAsync(Path.Combine(_folder, "tools"), static _ => { }, commands, CancellationToken.None);

    private async Task AssertExplainedAsync(AzuriteInstallation.NodeCommands commands, params string[] expected)
    {
        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(() => InstallAsync(commands));

        Assert.DoesNotContain('\n', refusal.Message);
        Assert.All(expected, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }

    private string Script(string body)
    {
        string path = Path.Combine(_folder, $"script-{Guid.NewGuid():n}");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return path;
    }
}
