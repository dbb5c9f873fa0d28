using System.Globalization;
using Azure.Data.Tables;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using ServerlessTrace.LocalHost.Durable.History;
using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>The client side of a <see cref="DurableEngine"/>.</summary>
public sealed class LocalDurableTaskClient : DurableTaskClient
{
    private const int MaxIdLength = 100;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly string[] PurgeColumns = ["PartitionKey", "RowKey", "FirstPage", "EndPage", "Status"];

    private readonly DurableHub _hub;

    internal LocalDurableTaskClient(DurableHub hub)
        : base(hub.Options.HubName) => _hub = hub;

    /// <inheritdoc/>
    /// <exception cref="OrchestrationAlreadyExistsException">The id belongs to an instance that has not ended.</exception>
    /// <exception cref="PayloadTooLargeException">The input is over 1 MiB of JSON.</exception>
    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(orchestratorName.Name, nameof(orchestratorName));
        string instanceId = options?.InstanceId ?? Guid.NewGuid().ToString("n");
        CheckId(instanceId);
        string? payload = Payload.Write(input, $"input of orchestrator '{orchestratorName}'");
        await _hub.StartAsync(instanceId, orchestratorName.Name, payload, options?.StartAt, null, cancellation);
        return instanceId;
    }

    /// <inheritdoc/>
    /// <exception cref="PayloadTooLargeException">The payload is over 1 MiB of JSON.</exception>
    public override Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        string? payload = Payload.Write(eventPayload, $"event '{eventName}'");
        return _hub.RaiseAsync(instanceId, eventName, payload, Guid.NewGuid().ToString("n"), cancellation);
    }

    /// <inheritdoc/>
    public override async Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        TimeSpan pause = ShortestPause;
        while (true)
        {
            Task endsHere = _hub.EndHereAsync(instanceId);
            if (await _hub.Store.ReadAsync(instanceId, cancellation) is { IsLive: false } ended)
            {
                _hub.ForgetEnd(instanceId);
                return await DescribeAsync(ended, getInputsAndOutputs, cancellation);
            }

            await Task.WhenAny(endsHere, Task.Delay(pause, _hub.Time, cancellation));
            cancellation.ThrowIfCancellationRequested();
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <inheritdoc/>
    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return _hub.TerminateAsync(instanceId, Payload.Write(options?.Output, "output"), cancellation);
    }

    /// <inheritdoc/>
    public override async Task<OrchestrationMetadata?> GetInstanceAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return await _hub.Store.ReadAsync(instanceId, cancellation) is { } row ? await DescribeAsync(row, getInputsAndOutputs, cancellation) : null;
    }

    /// <inheritdoc/>
    public override async Task<PurgeResult> PurgeAllInstancesAsync(PurgeInstancesFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        string condition = "Live eq false";
        condition += filter.CreatedFrom is { } from ? $" and CreatedAt ge datetime'{Format(from)}'" : string.Empty;
        condition += filter.CreatedTo is { } to ? $" and CreatedAt le datetime'{Format(to)}'" : string.Empty;
        HashSet<string>? statuses = filter.Statuses?.Select(status => status.ToString()).ToHashSet();
        List<TableEntity> ended = await _hub.Store.FindAsync(condition, PurgeColumns, cancellation);
        return new PurgeResult(await _hub.Store.DeleteAsync(
            ended.Where(row => statuses is null || statuses.Contains(row.GetString("Status"))), cancellation));
    }

    /// <summary>Not supported.</summary>
    public override Microsoft.DurableTask.AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        GetInstanceAsync(instanceId, getInputsAndOutputs, cancellation);

    /// <summary>Not supported.</summary>
    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

    /// <summary>Nothing to release: the engine lives on.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<OrchestrationMetadata> DescribeAsync(InstanceRow row, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        List<HistoryRecord> log = getInputsAndOutputs || row.Status == OrchestrationRuntimeStatus.Failed
            ? await _hub.Store.ReadLogAsync(row, cancellation)
            : [];
        HistoryAction? end = row.IsLive ? null : DurableHub.EndOf(log);
        return new OrchestrationMetadata(row.Name, row.InstanceId)
        {
            RuntimeStatus = row.Status,
            CreatedAt = row.CreatedAt,
            LastUpdatedAt = row.UpdatedAt,
            SerializedInput = getInputsAndOutputs ? log.Find(record => record.Event?.Kind == HistoryEventKind.Started)?.Event!.Payload : null,
            SerializedOutput = getInputsAndOutputs ? end?.Payload : null,
            SerializedCustomStatus = row.CustomStatus,
            FailureDetails = end?.Failure,
        };
    }

    /// <summary>The official limits, most of which are those of table keys.</summary>
    private static void CheckId(string instanceId)
    {
        bool isFine = instanceId.Length is > 0 and <= MaxIdLength
            && instanceId[0] != '@'
            && !instanceId.Any(c => char.IsControl(c) || c is '/' or '\\' or '#' or '?');
        if (!isFine)
        {
            throw new ArgumentException(
                $"'{instanceId}' is no instance id: 1 to {MaxIdLength} characters, no '/', '\\', '#', '?' or control character, and no '@' at the start.");
        }
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
