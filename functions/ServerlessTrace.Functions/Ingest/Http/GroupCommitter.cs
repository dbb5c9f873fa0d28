using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// Makes posted bodies durable together: those that arrive within a few ms, and while earlier ones are being stored, become
/// one blob and one message that points to it. A body is acknowledged when both are stored. If the process ends in between,
/// nobody was told that it was taken.
/// </summary>
public sealed partial class GroupCommitter(StorageClients storage, HttpIntakeOptions options, TimeProvider clock, ILogger<GroupCommitter> log) : IDisposable
{
    /// <summary>Groups stored at the same time. Few, so that bodies gather while storage is slow.</summary>
    private const int GroupsInFlight = 2;

    private const int UnavailablePause = 5;
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turns = new(GroupsInFlight, GroupsInFlight);
    private Group? _open;

    /// <summary>Stores a body with those that come at the same time; its memory is needed until this ends.</summary>
    /// <returns>Where it is stored: its group and its number there.</returns>
    /// <exception cref="RefusedPostException">Storage cannot be reached. The body may be stored all the same; sending it again does no harm.</exception>
    public async Task<(PostedName Group, int Body)> StoreAsync(PostedBody body)
    {
        Group group;
        int number;
        bool isNew = false;
        lock (_gate)
        {
            if (_open is null || _open.Length + PostedGroup.FrameLength(body) > options.GroupBytes)
            {
                _open?.Full.TrySetResult();
                _open = new Group(PostedName.New(clock.GetUtcNow()));
                isNew = true;
            }

            group = _open;
            number = group.Add(body);
            if (group.Length >= options.GroupBytes)
            {
                group.Full.TrySetResult();
            }
        }

        if (isNew)
        {
            _ = RunAsync(group);
        }

        await group.Stored.Task.ConfigureAwait(false);
        return (group.Name, number);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private async Task RunAsync(Group group)
    {
        await Task.WhenAny(group.Full.Task, Task.Delay(options.Linger, clock)).ConfigureAwait(false);
        await _turns.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                // Whoever comes from here on begins another group.
                _open = _open == group ? null : _open;
            }

            await StoreAsync(group).ConfigureAwait(false);
            group.Stored.SetResult();
        }
#pragma warning disable CA1031 // Whatever it is: those who wait are told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotStored(exception, group.Name);
            group.Stored.SetException(IsStorageFailure(exception)
                ? new RefusedPostException(
                    StatusCodes.Status503ServiceUnavailable, "Storage cannot be reached: send this again later.", UnavailablePause, exception)
                : exception);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static bool IsStorageFailure(Exception exception) =>
        exception is RequestFailedException or AggregateException or HttpRequestException or IOException or OperationCanceledException;

    private async Task StoreAsync(Group group)
    {
        using var limit = new CancellationTokenSource(options.StoreTimeout, clock);
        string name = group.Name.ToString();

        // The blob first: a message may be taken at once. It has a name of its own, so it can only be overwritten by the
        // client's own repetition, when the answer is lost.
        await storage.Posted.GetBlobClient(name).UploadAsync(
            BinaryData.FromBytes(PostedGroup.Write(group.Bodies)), new BlobUploadOptions { Metadata = group.Metadata }, limit.Token).ConfigureAwait(false);
        await storage.PostedPointers.SendMessageAsync(name, timeToLive: Forever, cancellationToken: limit.Token).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Posted group {Group} could not be stored; its senders are told so")]
    private partial void LogNotStored(Exception exception, PostedName group);

    private sealed class Group(PostedName name)
    {
        private readonly List<PostedBody> _bodies = [];
        private readonly List<string> _producers = [];

        public PostedName Name => name;

        public IReadOnlyList<PostedBody> Bodies => _bodies;

        /// <summary>The contexts of the requests, for the span of taking the group in.</summary>
        public Dictionary<string, string>? Metadata => _producers.Count == 0
            ? null
            : new Dictionary<string, string> { [ProducerContexts.Metadata] = string.Join(',', _producers) };

        public int Length { get; private set; } = PostedGroup.Head;

        public TaskCompletionSource Full { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Add(in PostedBody body)
        {
            _bodies.Add(body);
            if (_producers.Count < ProducerContexts.Kept && ProducerContexts.Current is { } producer)
            {
                _producers.Add(producer);
            }

            Length += PostedGroup.FrameLength(body);
            return _bodies.Count - 1;
        }
    }
}
