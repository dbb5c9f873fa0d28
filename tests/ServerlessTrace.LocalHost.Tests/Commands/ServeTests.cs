using System.Net;
using System.Net.Sockets;
using Azure.Storage.Blobs;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Commands;

public sealed class ServeTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_serves_after_a_kill_with_the_same_storage_and_keys_and_stops_on_an_interrupt()
    {
        string[] arguments = ["--data", _folder, "--port", "0", "--storage-port", "0", "--drop", Path.Combine(_folder, "drop")];
        string key;
        await using (var killed = new LocalHostProcess(arguments))
        {
            await killed.WaitForLineAsync("Press Ctrl+C");
            key = killed.ValueOf("Key");
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        await using var next = new LocalHostProcess(arguments);
        await next.WaitForLineAsync("Press Ctrl+C");
        await File.WriteAllTextAsync(Path.Combine(_folder, "drop", "a.log"), "{}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "drop", "b\u202egol.exe\u009b31m"), "{}");
        BlobClient dropped = new BlobServiceClient(next.ValueOf("Connection")).GetBlobContainerClient("span-logs").GetBlobClient("a.log");
        await Eventually.TrueAsync(async () => await dropped.ExistsAsync(), () => "The dropped file was not uploaded.");
        using var client = new HttpClient { BaseAddress = new Uri(next.ValueOf("URL")) };

        await Eventually.TrueAsync(
            () => Task.FromResult(next.Errors.Any(line => line.Contains("Uploaded b\\u202egol.exe\\u009b31m", StringComparison.Ordinal))),
            () => $"A file's name was not made inert: {string.Join('\n', next.Errors)}");
        Assert.Contains(next.Errors, line => line.Contains("left behind", StringComparison.Ordinal));
        Assert.Equal(key, next.ValueOf("Key"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("api/receipts")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"api/receipts?code={key.Split(' ')[0]}")).StatusCode);
        next.Interrupt();
        await next.WaitForExitAsync();
        Assert.Equal(0, next.ExitCode);
        await Eventually.TrueAsync(() => Task.FromResult(!File.Exists(Path.Combine(_folder, "azurite.json"))), () => "Azurite was not ended.");
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_that_says_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await AssertRefusedAsync(
            $"Port {port} is in use by another program: stop that program, or choose another port with --port N.",
            "--data", _folder, "--storage", storage.ConnectionString, "--port", $"{port}");
    }

    [Fact]
    public async Task A_wrong_connection_string_is_one_line_that_says_so() =>
        await AssertRefusedAsync("The storage connection string is malformed", "--data", _folder, "--storage", "nonsense");

    [Fact]
    public async Task Storage_that_does_not_answer_is_one_line_that_says_so() =>
        await AssertRefusedAsync(
            "The storage account does not answer (Connection refused",
            "--data", _folder, "--port", "0", "--storage", new LocalHost.Azurite.AzuritePorts(1, 1, 1).ConnectionString);

    private static async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        await using var host = new LocalHostProcess(arguments);
        await host.WaitForExitAsync();

        Assert.Equal(1, host.ExitCode);
        Assert.Contains(expected, Assert.Single(host.Errors), StringComparison.Ordinal);
        Assert.Empty(host.Output);
    }
}
