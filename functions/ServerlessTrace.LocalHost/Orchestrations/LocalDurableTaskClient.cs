using DurableTask.Core;
using DurableTask.Core.History;
using DurableTask.Core.Query;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using ServerlessTrace.LocalHost.Orchestrations.Table;
using CoreQuery = DurableTask.Core.Query.OrchestrationQuery;
using OrchestrationQuery = Microsoft.DurableTask.Client.OrchestrationQuery;
using PurgeResult = Microsoft.DurableTask.Client.PurgeResult;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>The official client of durable functions, over a backend of the Durable Task Framework.</summary>
internal sealed class LocalDurableTaskClient(string hubName, OrchestrationBackend backend) : DurableTaskClient(hubName)
{
    private const int MaxIdLength = 100;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>What the platform does not start again: its setting <c>overridableExistingInstanceStates</c> is <c>NonRunningStates</c>.</summary>
    private static readonly OrchestrationStatus[] Live =
        [OrchestrationStatus.Pending, OrchestrationStatus.Running, OrchestrationStatus.Suspended, OrchestrationStatus.ContinuedAsNew];

    private static DataConverter Json => JsonDataConverter.Default;

    /// <inheritdoc/>
    /// <exception cref="DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException">The id belongs to an instance that has not ended.</exception>
    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(orchestratorName.Name, nameof(orchestratorName));
        cancellation.ThrowIfCancellationRequested();
        var instance = new OrchestrationInstance
        {
            InstanceId = options?.InstanceId ?? Guid.NewGuid().ToString("n"),
            ExecutionId = Guid.NewGuid().ToString("n"),
        };
        CheckId(instance.InstanceId);
        OrchestrationStatus[] dedupe = options?.DedupeStatuses is { Count: > 0 } chosen
            ? [.. chosen.Select(static status => Enum.Parse<OrchestrationStatus>(status, ignoreCase: true))]
            : Live;
        await backend.Client.CreateTaskOrchestrationAsync(
            new TaskMessage
            {
                OrchestrationInstance = instance,
                Event = new ExecutionStartedEvent(-1, Json.Serialize(input))
                {
                    Name = orchestratorName.Name,
                    Version = options?.Version?.Version ?? string.Empty,
                    OrchestrationInstance = instance,
                    ScheduledStartTime = options?.StartAt?.UtcDateTime,
                    Tags = options?.Tags is { Count: > 0 } tags ? new Dictionary<string, string>(tags) : null,
                },
            },
            dedupe);
        return instance.InstanceId;
    }

    /// <inheritdoc/>
    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return SendAsync(instanceId, new EventRaisedEvent(-1, Json.Serialize(eventPayload)) { Name = eventName }, cancellation);
    }

    /// <inheritdoc/>
    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionSuspendedEvent(-1, reason), cancellation);

    /// <inheritdoc/>
    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SendAsync(instanceId, new ExecutionResumedEvent(-1, reason), cancellation);

    /// <inheritdoc/>
    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return backend.Client.ForceTerminateTaskOrchestrationAsync(instanceId, Json.Serialize(options?.Output));
    }

    /// <inheritdoc/>
    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, static metadata => metadata.RuntimeStatus != OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    /// <inheritdoc/>
    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, static metadata => metadata.IsCompleted, getInputsAndOutputs, cancellation);

    /// <inheritdoc/>
    public override async Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        if (await backend.Client.GetOrchestrationStateAsync(instanceId, allExecutions: false) is not [{ } state, ..])
        {
            return null;
        }

        if (state is { OrchestrationStatus: OrchestrationStatus.Failed, FailureDetails: null })
        {
            // Azure Storage keeps the details of a failure in the history only.
            IList<HistoryEvent> history = await GetOrchestrationHistoryAsync(instanceId, cancellation);
            state.FailureDetails = history.OfType<ExecutionCompletedEvent>().LastOrDefault()?.FailureDetails;
        }

        return Describe(state, getInputsAndOutputs);
    }

    /// <inheritdoc/>
    public override async Task<IList<HistoryEvent>> GetOrchestrationHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return await backend.Client.GetOrchestrationStateAsync(instanceId, allExecutions: false) is [{ OrchestrationInstance: { } instance }, ..]
            ? HistoryJson.ReadArray(await backend.Client.GetOrchestrationHistoryAsync(instanceId, instance.ExecutionId))
            : throw new ArgumentException($"There is no instance '{instanceId}'.");
    }

    /// <inheritdoc/>
    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => Pageable.Create(
        async (continuation, pageSize, cancellation) =>
        {
            OrchestrationQuery query = filter ?? new OrchestrationQuery();
            OrchestrationQueryResult found = await ((IOrchestrationServiceQueryClient)backend.Client).GetOrchestrationWithQueryAsync(
                new CoreQuery
                {
                    RuntimeStatus = query.Statuses?.Select(CoreStatus).ToArray(),
                    CreatedTimeFrom = query.CreatedFrom?.UtcDateTime,
                    CreatedTimeTo = query.CreatedTo?.UtcDateTime,
                    InstanceIdPrefix = query.InstanceIdPrefix,
                    PageSize = pageSize ?? query.PageSize,
                    ContinuationToken = continuation ?? query.ContinuationToken,
                    FetchInputsAndOutputs = query.FetchInputsAndOutputs,
                },
                cancellation);
            return new Page<OrchestrationMetadata>(
                [.. found.OrchestrationState.Select(state => Describe(state, query.FetchInputsAndOutputs))], found.ContinuationToken);
        });

    /// <inheritdoc/>
    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return await GetInstancesAsync(instanceId, false, cancellation) is { IsCompleted: true }
            ? new PurgeResult((await ((IOrchestrationServicePurgeClient)backend.Client).PurgeInstanceStateAsync(instanceId)).DeletedInstanceCount)
            : new PurgeResult(0);
    }

    /// <inheritdoc/>
    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        cancellation.ThrowIfCancellationRequested();
        var coreFilter = new PurgeInstanceFilter(
            (filter.CreatedFrom ?? default).UtcDateTime, filter.CreatedTo?.UtcDateTime, filter.Statuses?.Select(CoreStatus));
        return new PurgeResult((await ((IOrchestrationServicePurgeClient)backend.Client).PurgeInstanceStateAsync(coreFilter)).DeletedInstanceCount);
    }

    /// <summary>Nothing to release: the engine lives on.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static OrchestrationStatus CoreStatus(OrchestrationRuntimeStatus status) => Enum.Parse<OrchestrationStatus>(status.ToString());

    private static OrchestrationMetadata Describe(OrchestrationState state, bool getInputsAndOutputs) =>
        new(state.Name, state.OrchestrationInstance.InstanceId)
        {
            DataConverter = getInputsAndOutputs ? Json : null,
            RuntimeStatus = Enum.Parse<OrchestrationRuntimeStatus>(state.OrchestrationStatus.ToString()),
            CreatedAt = state.CreatedTime,
            LastUpdatedAt = state.LastUpdatedTime,
            SerializedInput = getInputsAndOutputs ? state.Input : null,
            SerializedOutput = getInputsAndOutputs ? state.Output : null,
            SerializedCustomStatus = state.Status,
            FailureDetails = Describe(state.FailureDetails) ?? FailureIn(state),
        };

    /// <summary>Azure Storage keeps a failure as the instance's output: type and message.</summary>
    private static TaskFailureDetails? FailureIn(OrchestrationState state) =>
        state is { OrchestrationStatus: OrchestrationStatus.Failed, Output: { } text } && text.Split(": ", 2) is [var type, var message]
            ? new TaskFailureDetails(type, message, null, null, null)
            : null;

    private static TaskFailureDetails? Describe(FailureDetails? failure) => failure is null
        ? null
        : new TaskFailureDetails(failure.ErrorType, failure.ErrorMessage, failure.StackTrace, Describe(failure.InnerFailure), failure.Properties);

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

    private Task SendAsync(string instanceId, HistoryEvent message, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return backend.Client.SendTaskOrchestrationMessageAsync(
            new TaskMessage { OrchestrationInstance = new OrchestrationInstance { InstanceId = instanceId }, Event = message });
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string instanceId, Func<OrchestrationMetadata, bool> isThere, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        TimeSpan pause = ShortestPause;
        while (true)
        {
            if (await GetInstancesAsync(instanceId, getInputsAndOutputs, cancellation) is { } metadata && isThere(metadata))
            {
                return metadata;
            }

            await Task.Delay(pause, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
