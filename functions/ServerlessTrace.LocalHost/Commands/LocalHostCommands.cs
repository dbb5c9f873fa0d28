using System.CommandLine;
using ServerlessTrace.Storage;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>The verbs: none to serve, <c>demo</c> to serve with samples and a report.</summary>
internal static class LocalHostCommands
{
    public const int Failed = 1;

    public static RootCommand Create()
    {
        var serving = new ServeCommandLine();
        var root = new RootCommand("Runs ServerlessTrace on this machine: its functions, and Azurite as their storage.");
        serving.AddTo(root);
        root.SetAction((parsed, cancel) => RunAsync(serving.Read(parsed), ServeAsync, cancel));

        var exit = new Option<bool>("--exit") { Description = "End after the alert instead of serving on." };
        var demo = new Command("demo", "Takes in sample span logs, prints the report of a failing payment, shows a latency alert by webhook, and serves on.") { exit };
        demo.SetAction((parsed, cancel) => RunDemoAsync(serving.Read(parsed), parsed.GetValue(exit), cancel));
        root.Subcommands.Add(demo);
        return root;
    }

    /// <summary>Runs the demo with a receiver of webhooks beside it, the one host on this machine that may be called.</summary>
    private static async Task<int> RunDemoAsync(ServeOptions options, bool exits, CancellationToken cancel)
    {
        await using DemoReceiver receiver = await DemoReceiver.StartAsync(cancel);
        return await RunAsync(
            options with { WebhookHost = receiver.Url.Authority }, (host, console, stop) => DemoAsync(host, receiver, console, exits, stop), cancel);
    }

    private static async Task<int> RunAsync(
        ServeOptions options, Func<ServerlessTraceHost, HostConsole, CancellationToken, Task> use, CancellationToken stop)
    {
        var console = new HostConsole();
        try
        {
            await using ServerlessTraceHost host = await ServerlessTraceHost.StartAsync(options, console, stop);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task using_ = use(host, console, end.Token);
            if (await Task.WhenAny(using_, host.StorageEnded) != using_)
            {
                console.Error(await host.StorageEnded);
                await end.CancelAsync();
                await using_.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return Failed;
            }

            await using_;
            console.Progress("Stopping …");
            return 0;
        }
        catch (HostStartException inTheWay)
        {
            console.Error(inTheWay.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task ServeAsync(ServerlessTraceHost host, HostConsole console, CancellationToken stop)
    {
        Describe(host, console);
        await WaitForStopAsync(console, stop);
    }

    private static async Task DemoAsync(ServerlessTraceHost host, DemoReceiver receiver, HostConsole console, bool exits, CancellationToken stop)
    {
        var demo = new Demo(host, receiver, console);
        await demo.RunAsync(stop);
        if (!exits)
        {
            Describe(host, console);
            demo.DescribeUrls();
            await WaitForStopAsync(console, stop);
        }
    }

    private static void Describe(ServerlessTraceHost host, HostConsole console)
    {
        console.Heading("ServerlessTrace is running.");
        console.Fact("URL", host.Functions.BaseAddress.ToString());
        console.Fact("Key", $"{host.Functions.Keys.Function} (header x-functions-key, or ?code=)");
        console.Fact("Storage", host.StorageDescription);
        console.Fact("Drop logs", $"into the container or the queue {StorageNames.SpanLogs}");
        console.Fact("Connection", host.ConnectionString);
    }

    private static async Task WaitForStopAsync(HostConsole console, CancellationToken stop)
    {
        console.Text("Press Ctrl+C to stop.");
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
