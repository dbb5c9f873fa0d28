using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// Stores posts in groups. While no group is being stored, a post is stored at once. Those that come meanwhile gather, and are stored together when the group before is
/// stored, when they are many, or when they have waited for <see cref="HttpIntakeOptions.Linger"/>. Senders that are answered together send again together: the group after
/// theirs waits some ms for as many posts. A post is acknowledged when its group is durable.
/// </summary>
public sealed partial class GroupCommitter(SpanIntake intake, HttpIntakeOptions options, TimeProvider clock, ILogger<GroupCommitter> log) : IDisposable
{
    private const int GroupsInFlight = 4;
    private const int UnavailablePause = 5;
    private static readonly TimeSpan SendAgain = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots = new(GroupsInFlight, GroupsInFlight);
    private PostGroup? _open;
    private Task _last = Task.CompletedTask;
    private int _lastPosts;
    private long _lastEnded;

    /// <summary>Stores a post with those that come at the same time, and disposes of it.</summary>
    /// <returns>Its receipt.</returns>
    /// <exception cref="RefusedPostException">
    /// Storage cannot be reached, or takes too long. The post may be stored all the same; spans that are sent again are merged with it.
    /// </exception>
    internal async Task<ReceiptId> StoreAsync(Post post, DurableTaskClient durable)
    {
        PostGroup group;
        ReceiptId receipt;
        lock (_gate)
        {
            bool isNew = _open is null;
            group = _open ??= new PostGroup(clock.GetUtcNow(), clock.GetElapsedTime(_lastEnded) < SendAgain || !_last.IsCompleted ? _lastPosts : 1);
            group.Add(post);
            receipt = group.ReceiptOf(post);
            if (isNew)
            {
                Begin(group, durable);
            }

            if (group.Size >= options.GroupBytes)
            {
                group.Close();
                _open = null;
            }
        }

        await group.Stored.Task.ConfigureAwait(false);
        return receipt;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    /// <summary>A group is no part of its first request: neither is the time that it takes, nor its trace.</summary>
    private void Begin(PostGroup group, DurableTaskClient durable)
    {
        Task earlier = _last;
        using (ExecutionContext.SuppressFlow())
        {
            _last = Task.Run(() => RunAsync(group, earlier, durable));
        }
    }

    private async Task RunAsync(PostGroup group, Task earlier, DurableTaskClient durable)
    {
        using var limit = new CancellationTokenSource(options.StoreTimeout, clock);
        try
        {
            await GatherAsync(group, earlier, limit.Token).ConfigureAwait(false);
            await _slots.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                Close(group);
                await intake.IngestAsync(group, durable, limit.Token).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
                (_lastPosts, _lastEnded) = (group.Posts.Count, clock.GetTimestamp());
            }

            group.Stored.SetResult();
        }
#pragma warning disable CA1031 // Whatever it is: those who wait are answered.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotStored(exception, group.Posts.Count);
            group.Stored.SetException(IsStorageFailure(exception)
                ? new RefusedPostException(
                    StatusCodes.Status503ServiceUnavailable, "Storage cannot be reached, or takes too long: send this again later.", UnavailablePause, exception)
                : exception);
        }
        finally
        {
            Close(group);
            group.Dispose();
        }
    }

    private async Task GatherAsync(PostGroup group, Task earlier, CancellationToken cancellationToken)
    {
        if (!earlier.IsCompleted)
        {
            await Task.WhenAny(earlier, group.Full, Task.Delay(options.Linger, clock, cancellationToken)).ConfigureAwait(false);
        }

        if (!group.Gathered.IsCompleted)
        {
            await Task.WhenAny(group.Gathered, Task.Delay(SendAgain, clock, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>The next post begins another group.</summary>
    private void Close(PostGroup group)
    {
        lock (_gate)
        {
            _open = _open == group ? null : _open;
        }
    }

    private static bool IsStorageFailure(Exception exception) =>
        exception is RequestFailedException or AggregateException or HttpRequestException or IOException or OperationCanceledException;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Posts} posts could not be stored; their senders are asked to repeat")]
    private partial void LogNotStored(Exception exception, int posts);
}
