using System.Diagnostics;
using System.Globalization;
using ServerlessTrace.LocalHost;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.Benchmarks.Durable;

/// <summary>What orchestrations cost on the local host, on each backend: time, storage requests, and a host's death.</summary>
internal static class DurableBenchmark
{
    private const int AtOnce = 50;

    public static async Task RunAsync(int kills)
    {
        string folder = Directory.CreateTempSubdirectory("serverlesstrace-benchmark-").FullName;
        try
        {
            foreach (DurableBackend backend in Enum.GetValues<DurableBackend>())
            {
                await using AzuriteServer azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, InMemory = true });
                Console.WriteLine($"{backend}:");
                await MeasureAsync(azurite.ConnectionString, backend);
                await MeasureKillsAsync(azurite.ConnectionString, backend, isThereASecondHost: false, kills);
                await MeasureKillsAsync(azurite.ConnectionString, backend, isThereASecondHost: true, kills);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs the functions until standard input ends: what is killed.</summary>
    public static async Task ServeAsync(string connectionString, string backend)
    {
        await using LocalFunctionHost host = await StartAsync(connectionString, Enum.Parse<DurableBackend>(backend));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }

    private static Task<LocalFunctionHost> StartAsync(string connectionString, DurableBackend backend)
    {
        LocalFunctionHostOptions options = new()
        {
            StorageConnectionString = connectionString,
            Port = 0,
            HostJson = Product.Options(connectionString, port: 0).HostJson,
            Durable = backend,
        };
        options.FunctionClasses.Add(typeof(FanFunctions));
        return LocalFunctionHost.StartAsync(options);
    }

    private static async Task MeasureAsync(string connectionString, DurableBackend backend)
    {
        bool isFast = backend == DurableBackend.Table;
        await using LocalFunctionHost host = await StartAsync(connectionString, backend);
        for (int i = 0; i < 20; i++)
        {
            await FanAsync(host);
        }

        int instances = isFast ? 300 : 60;
        long before = host.StorageRequests.Total;
        var times = new List<double>();
        for (int i = 0; i < instances; i++)
        {
            times.Add(await FanAsync(host));
        }

        await Task.Delay(TimeSpan.FromSeconds(2));
        double requests = (host.StorageRequests.Total - before) / (double)instances;
        Print($"start to the last of {FanFunctions.Width} activities, {instances} one after the other", times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {requests:0.0} storage requests each, polling included"));
        times.Clear();
        for (int round = 0; round < (isFast ? 10 : 2); round++)
        {
            times.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => FanAsync(host))));
        }

        Print($"the same, {AtOnce} at once", times);
        await Task.Delay(TimeSpan.FromSeconds(5));
        before = host.StorageRequests.Total;
        await Task.Delay(TimeSpan.FromSeconds(60));
        Console.WriteLine($"  {host.StorageRequests.Total - before} storage requests in an idle minute");
    }

    private static async Task<double> FanAsync(LocalFunctionHost host)
    {
        long start = Stopwatch.GetTimestamp();
        string id = await host.DurableClient.ScheduleNewOrchestrationInstanceAsync(nameof(FanFunctions.FanAsync), CancellationToken.None);
        await FanFunctions.LastOf(id);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task MeasureKillsAsync(string connectionString, DurableBackend backend, bool isThereASecondHost, int kills)
    {
        var times = new List<double>();
        for (int kill = 0; kill < kills; kill++)
        {
            using HostProcess first = await HostProcess.StartAsync(connectionString, backend);
            await using LocalFunctionHost client = await StartClientAsync(connectionString, backend);
            string id = await client.DurableClient.ScheduleNewOrchestrationInstanceAsync(nameof(FanFunctions.TickAsync), CancellationToken.None);
            await first.TickAsync();
            HostProcess? second = isThereASecondHost ? await HostProcess.StartAsync(connectionString, backend) : null;
            await Task.Delay(TimeSpan.FromSeconds(isThereASecondHost ? 6 : 1));
            long start = Stopwatch.GetTimestamp();
            first.Kill();
            second ??= await HostProcess.StartAsync(connectionString, backend);
            await second.TickAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await client.DurableClient.TerminateInstanceAsync(id, CancellationToken.None);
            await client.DurableClient.WaitForInstanceCompletionAsync(id, CancellationToken.None);
            second.Kill();
            second.Dispose();
        }

        Print($"kill -9 to the next activity, {(isThereASecondHost ? "on a second host" : "by a restart")}", times);
    }

    /// <summary>A host without functions, to start orchestrations for others.</summary>
    private static Task<LocalFunctionHost> StartClientAsync(string connectionString, DurableBackend backend) => LocalFunctionHost.StartAsync(new LocalFunctionHostOptions
    {
        StorageConnectionString = connectionString,
        Port = 0,
        HostJson = Product.Options(connectionString, port: 0).HostJson,
        Durable = backend,
    });

    private static void Print(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {what}: p50 {times[times.Count / 2]:0} ms, p99 {times[times.Count * 99 / 100]:0} ms, most {times[^1]:0} ms"));
    }

    private sealed class HostProcess : IDisposable
    {
        private readonly Process _process;

        private HostProcess(Process process) => _process = process;

        public static async Task<HostProcess> StartAsync(string connectionString, DurableBackend backend)
        {
            var host = new HostProcess(OwnProcess.Start("durable-host", connectionString, backend.ToString()));
            await host.UntilAsync("ready");
            return host;
        }

        /// <summary>Waits for the next activity on this host.</summary>
        public Task TickAsync() => UntilAsync("tick");

        public void Kill() => _process.Kill();

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }

        private async Task UntilAsync(string word)
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.StartsWith(word, StringComparison.Ordinal))
                {
                    return;
                }
            }

            throw new InvalidOperationException("The host ended.");
        }
    }
}
