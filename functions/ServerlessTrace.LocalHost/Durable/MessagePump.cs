using System.Threading.Channels;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>Takes messages from the hub's queue while there is a place in memory, often after one came and seldom when none comes.</summary>
internal sealed class MessagePump(DurableHub hub)
{
    private const int MostAtOnce = 32;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly Channel<bool> _wakeUps =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ILogger _logger = hub.Loggers.CreateLogger<MessagePump>();
    private Task<bool>? _waiting;
    private volatile bool _isHeldBack;

    /// <summary>Looks at once: a message was sent by this host.</summary>
    public void Wake() => _wakeUps.Writer.TryWrite(true);

    /// <summary>Looks at once if it held back for want of a place.</summary>
    public void NotePlace()
    {
        if (_isHeldBack)
        {
            Wake();
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = ShortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            int places = Math.Min(MostAtOnce, hub.Places);
            _isHeldBack = places == 0;
            int received = places == 0 ? 0 : await ReceiveAsync(places, cancellationToken);
            pause = received > 0 ? ShortestPause : pause * 2;
            pause = pause < hub.Options.MaxQueuePollingInterval ? pause : hub.Options.MaxQueuePollingInterval;
            if (received < places || places == 0)
            {
                bool wasWoken = await WaitAsync(pause, cancellationToken);
                pause = wasWoken ? ShortestPause : pause;
            }
        }
    }

    private async Task<bool> WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        _waiting ??= _wakeUps.Reader.WaitToReadAsync(cancellationToken).AsTask();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_waiting, Task.Delay(pause, hub.Time, enough.Token));
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (!_waiting.IsCompleted)
        {
            return false;
        }

        _waiting = null;
        return _wakeUps.Reader.TryRead(out _);
    }

    private async Task<int> ReceiveAsync(int places, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<InstanceMessage> messages = await hub.Queue.ReceiveAsync(places, hub.Options.LeaseDuration, cancellationToken);
            foreach (InstanceMessage message in messages)
            {
                hub.HandleLater(message);
            }

            return messages.Count;
        }
#pragma warning disable CA1031 // Storage that is away comes back.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _logger.StorageFailed(failure);
            return 0;
        }
    }
}
