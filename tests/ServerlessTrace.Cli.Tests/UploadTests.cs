using Azure.Storage.Blobs;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Cli.Tests;

public sealed class UploadTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Files_become_blobs_of_their_names_and_uploading_again_replaces_them()
    {
        string container = AzuriteFixture.NewName();
        _logs.Write("auth.log", Logs.FineTrace);
        _logs.Write("shop/gateway.log", Logs.Gateway);
        string[] arguments = ["upload", ".", "--connection", storage.ConnectionString, "--container", container];

        CommandResult first = await CommandLine.RunInAsync(_logs.Path, arguments);
        CommandResult second = await CommandLine.RunInAsync(_logs.Path, arguments);

        Assert.Equal(string.Empty, first.Errors);
        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.StartsWith("2 file(s), ", first.Output, StringComparison.Ordinal);
        BlobContainerClient blobs = storage.Blobs.GetBlobContainerClient(container);
        Assert.Equal(["auth.log", "shop/gateway.log"], blobs.GetBlobs().Select(blob => blob.Name));
        Assert.Equal(File.ReadAllText(_logs["auth.log"]), (await blobs.GetBlobClient("auth.log").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task The_connection_may_come_from_the_environment()
    {
        string container = AzuriteFixture.NewName();
        string log = _logs.Write("auth.log", Logs.FineTrace);

        CommandResult result = await CommandLine.RunAsync(
            ["upload", log, "--container", container], [], null, ("AZURE_STORAGE_CONNECTION_STRING", storage.ConnectionString));

        Assert.Equal(0, result.ExitCode);
        Assert.True(await storage.Blobs.GetBlobContainerClient(container).GetBlobClient("auth.log").ExistsAsync());
    }

    [Fact]
    public async Task A_missing_file_is_exit_code_1_and_a_missing_or_malformed_connection_2()
    {
        CommandResult missing = await CommandLine.RunAsync(
            "upload", _logs["none.log"], "--connection", storage.ConnectionString, "--container", AzuriteFixture.NewName());
        CommandResult malformed = await CommandLine.RunAsync("upload", _logs["none.log"], "--connection", "nonsense");
        CommandResult nowhere = await CommandLine.RunAsync(["upload", _logs["none.log"]], [], null, ("AZURE_STORAGE_CONNECTION_STRING", ""));

        Assert.Equal((1, 2, 2), (missing.ExitCode, malformed.ExitCode, nowhere.ExitCode));
        Assert.Contains("none.log: no such file", missing.Errors, StringComparison.Ordinal);
    }
}
