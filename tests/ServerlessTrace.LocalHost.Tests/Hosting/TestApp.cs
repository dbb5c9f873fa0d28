using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessTrace.LocalHost.Tests.Triggers.Queues;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Hosting;

/// <summary>An app of test functions with places of its own on the shared storage: what <c>%place%</c> stands for in triggers.</summary>
internal sealed class TestApp(AzuriteFixture storage, params Type[] functions)
{
    public string Place { get; } = AzuriteFixture.NewName();

    public Calls Calls { get; } = new();

    public SlowQueueFunctions.Doors Doors { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string? Refusal { get; set; }

    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(10);

    public string HostJson { get; init; } =
        """{"extensions":{"http":{"routePrefix":""},"queues":{"messageEncoding":"none","maxPollingInterval":"00:00:00.2"},"blobs":{"maxDegreeOfParallelism":8}}}""";

    public Task<LocalFunctionHost> StartAsync(Action<IDictionary<string, string?>>? settings = null)
    {
        var options = new LocalFunctionHostOptions
        {
            StorageConnectionString = storage.ConnectionString,
            Port = 0,
            HostId = Place,
            HostJson = LocalHost.Configuration.HostJson.Parse(HostJson),
            TimeProvider = Time,
            DrainLimit = DrainLimit,
            IntakeRefusal = () => Refusal,
            ConfigureServices = (services, _) => services.AddSingleton(Calls).AddSingleton(Doors),
            ConfigureLogging = static logging => logging.ClearProviders(),
        };
        options.Settings["place"] = Place;
        settings?.Invoke(options.Settings);
        foreach (Type function in functions)
        {
            options.FunctionClasses.Add(function);
        }

        return LocalFunctionHost.StartAsync(options);
    }
}
