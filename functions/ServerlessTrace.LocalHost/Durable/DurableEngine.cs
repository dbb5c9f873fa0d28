using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>
/// Runs event-sourced orchestrations whose histories live in Table Storage; several engines may share one storage.
/// An instance is one row; what its orchestrator saw and did is appended to that row's log before it takes effect. The host that
/// starts an instance keeps it in memory and works on it at once, so that a short one costs three or four requests in all. The
/// queue is for the others: those beyond a host's capacity, those that wait for long, those whose owner ended.
/// </summary>
public sealed class DurableEngine : IHostedService, IAsyncDisposable
{
    private readonly DurableHub _hub;
    private readonly MessagePump _pump;
    private readonly RecoveryScan _recovery;
    private readonly CancellationTokenSource _stopTaking = new();
    private Task _loops = Task.CompletedTask;

    /// <summary>An engine over the given storage.</summary>
    public DurableEngine(
        DurableTaskRegistry registry,
        DurableEngineOptions options,
        TableServiceClient tables,
        QueueServiceClient queues,
        IServiceProvider services,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.HubName);
        var store = new InstanceStore(tables.GetTableClient(options.HubName + "Instances"));
#pragma warning disable CA1308 // Queue names are lower case.
        var queue = new InstanceQueue(queues.GetQueueClient(options.HubName.ToLowerInvariant() + "-instances"));
#pragma warning restore CA1308
        _hub = new DurableHub(registry, options, store, queue, services, loggers, time);
        _pump = new MessagePump(_hub);
        _recovery = new RecoveryScan(_hub);
        _hub.WakePump = _pump.Wake;
        _hub.NotePlace = _pump.NotePlace;
        Client = new LocalDurableTaskClient(_hub);
    }

    /// <summary>What functions start and look up instances with.</summary>
    public DurableTaskClient Client { get; }

    /// <summary>Instances that another host had taken when this one wanted to commit.</summary>
    internal int Losses => _hub.Losses;

    /// <summary>Instances in memory.</summary>
    internal int InMemory => _hub.InMemory;

    /// <summary>Creates the hub's table and queue where they are missing and begins to take work.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_hub.Store.CreateAsync(cancellationToken), _hub.Queue.CreateAsync(cancellationToken));
        _hub.IsOpen = true;
        _loops = Task.WhenAll(
            Task.Run(() => _pump.RunAsync(_stopTaking.Token), CancellationToken.None),
            Task.Run(() => _recovery.RunAsync(_stopTaking.Token), CancellationToken.None));
    }

    /// <summary>Takes no more work, lets running activities finish within the grace and hands the instances over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopTakingAsync();
        await _hub.DrainAsync(cancellationToken);
    }

    /// <summary>Stops at once, without handing over: other hosts notice when the leases end.</summary>
    public async ValueTask DisposeAsync()
    {
        await AbandonAsync();
        _stopTaking.Dispose();
        _hub.Dispose();
    }

    /// <summary>Does what <c>kill -9</c> does, as far as storage can tell.</summary>
    internal async Task AbandonAsync()
    {
        await _hub.AbandonAsync();
        await StopTakingAsync();
    }

    private async Task StopTakingAsync()
    {
        _hub.IsOpen = false;
        await _stopTaking.CancelAsync();
        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
