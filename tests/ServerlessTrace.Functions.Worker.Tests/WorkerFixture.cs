using System.Reflection;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Functions.Worker.Tests.Host;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.Functions.Worker.Tests;

/// <summary>One worker that has loaded its functions, on storage of its own.</summary>
public sealed class WorkerFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-worker-").FullName;
    private readonly List<string> _notLoaded = [];
    private AzuriteServer? _azurite;
    private FunctionsHost? _host;

    /// <summary>Where the build published the worker.</summary>
    internal static string Folder { get; } = typeof(WorkerFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "WorkerFolder").Value!;

    internal FunctionsHost Host => _host!;

    internal string ConnectionString => _azurite!.ConnectionString;

    /// <summary>The functions that the worker refused to load, and why.</summary>
    internal IReadOnlyList<string> NotLoaded => _notLoaded;

    public async Task InitializeAsync()
    {
        _azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = _folder, InMemory = true });
        _host = await StartAsync();
        foreach (RpcFunctionMetadata function in _host.Functions.Values)
        {
            if (await _host.LoadAsync(function) is { } failure)
            {
                _notLoaded.Add(failure);
            }
        }
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts another worker on the same storage.</summary>
    internal Task<FunctionsHost> StartAsync() => FunctionsHost.StartAsync(
        Folder,
        new Dictionary<string, string>(TimerSchedules.OnAzure)
        {
            ["AzureWebJobsStorage"] = ConnectionString,
            ["Seal__Window"] = "00:00:01",
            ["Ingest__SweepGrace"] = "00:00:00",
            ["Ingest__SweepPeriod"] = "00:00:01",
        });
}
