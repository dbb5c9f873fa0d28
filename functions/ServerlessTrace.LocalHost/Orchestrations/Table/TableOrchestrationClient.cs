using Azure;
using Azure.Data.Tables;
using DurableTask.Core;
using DurableTask.Core.Common;
using DurableTask.Core.History;
using DurableTask.Core.Query;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>The client's side of a hub on one table.</summary>
internal sealed class TableOrchestrationClient(InstanceHub hub)
    : IOrchestrationServiceClient, IOrchestrationServicePurgeClient, IOrchestrationServiceQueryClient
{
    private static readonly string[] PurgeColumns = ["PartitionKey", "RowKey", nameof(InstanceRow.Blob)];
    private static readonly OrchestrationStatus[] EndStatuses = [OrchestrationStatus.Completed, OrchestrationStatus.Failed, OrchestrationStatus.Terminated];

    private TableClient Table => hub.Table.Table;

    public Task CreateTaskOrchestrationAsync(TaskMessage creationMessage) => CreateTaskOrchestrationAsync(creationMessage, Enum.GetValues<OrchestrationStatus>());

    public Task CreateTaskOrchestrationAsync(TaskMessage creationMessage, OrchestrationStatus[]? dedupeStatuses) =>
        hub.Mail.CreateAsync(creationMessage, dedupeStatuses ?? []);

    public Task SendTaskOrchestrationMessageAsync(TaskMessage message) => hub.Mail.DeliverAsync(message, CancellationToken.None);

    public async Task SendTaskOrchestrationMessageBatchAsync(params TaskMessage[] messages)
    {
        foreach (TaskMessage message in messages)
        {
            await SendTaskOrchestrationMessageAsync(message);
        }
    }

    /// <summary>Not supported: <see cref="LocalDurableTaskClient"/> waits by polling, on every backend.</summary>
    public Task<OrchestrationState> WaitForOrchestrationAsync(
        string instanceId, string executionId, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ForceTerminateTaskOrchestrationAsync(string instanceId, string reason) => SendTaskOrchestrationMessageAsync(new TaskMessage
    {
        OrchestrationInstance = new OrchestrationInstance { InstanceId = instanceId },
        Event = new ExecutionTerminatedEvent(-1, reason),
    });

    public async Task<IList<OrchestrationState>> GetOrchestrationStateAsync(string instanceId, bool allExecutions) =>
        await hub.Table.ReadAsync(instanceId, CancellationToken.None) is { } row ? [StateOf(row)] : [];

    public async Task<OrchestrationState> GetOrchestrationStateAsync(string instanceId, string? executionId) =>
        await hub.Table.ReadAsync(instanceId, CancellationToken.None) is { } row && (executionId is null || executionId == row.ExecutionId)
            ? StateOf(row)
            : null!;

    public async Task<string> GetOrchestrationHistoryAsync(string instanceId, string executionId) =>
        await hub.Table.ReadAsync(instanceId, CancellationToken.None) is { } row
            ? $"[{System.Text.Encoding.UTF8.GetString(row.Body.History.Span).TrimEnd('\n').Replace('\n', ',')}]"
            : "[]";

    public Task PurgeOrchestrationHistoryAsync(DateTime thresholdDateTimeUtc, OrchestrationStateTimeRangeFilterType timeRangeFilterType) =>
        timeRangeFilterType == OrchestrationStateTimeRangeFilterType.OrchestrationCreatedTimeFilter
            ? PurgeInstanceStateAsync(new PurgeInstanceFilter(default, thresholdDateTimeUtc, null))
            : throw new NotSupportedException("Histories are purged by the time at which their instances were created.");

    public Task<PurgeResult> PurgeInstanceStateAsync(string instanceId) =>
        PurgeAsync(TableClient.CreateQueryFilter($"RowKey eq {instanceId}"), EndStatuses);

    public Task<PurgeResult> PurgeInstanceStateAsync(PurgeInstanceFilter purgeInstanceFilter)
    {
        ArgumentNullException.ThrowIfNull(purgeInstanceFilter);
        return PurgeAsync(
            CreatedBetween(purgeInstanceFilter.CreatedTimeFrom, purgeInstanceFilter.CreatedTimeTo),
            EndStatuses.Where(status => purgeInstanceFilter.RuntimeStatus?.Contains(status) != false));
    }

    public async Task<OrchestrationQueryResult> GetOrchestrationWithQueryAsync(OrchestrationQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        string filter = $"PartitionKey eq '{InstanceRow.Partition}' and {CreatedBetween(query.CreatedTimeFrom, query.CreatedTimeTo)}";
        filter += query.RuntimeStatus is { Count: > 0 } statuses ? $" and {In(statuses)}" : string.Empty;
        filter += query.InstanceIdPrefix is { Length: > 0 } prefix
            ? " and " + TableClient.CreateQueryFilter($"RowKey ge {prefix} and RowKey lt {prefix + '\uffff'}")
            : string.Empty;
        AsyncPageable<TableEntity> found = Table.QueryAsync<TableEntity>(filter, query.PageSize, cancellationToken: cancellationToken);
        await foreach (Page<TableEntity> page in found.AsPages(query.ContinuationToken, query.PageSize))
        {
            var states = new List<OrchestrationState>();
            foreach (TableEntity entity in page.Values)
            {
                if (await hub.Table.TryLoadAsync(entity, cancellationToken) is { } row)
                {
                    states.Add(StateOf(row).ClearFieldsImmutably(!query.FetchInputsAndOutputs, !query.FetchInputsAndOutputs));
                }
            }

            return new OrchestrationQueryResult(states, page.ContinuationToken);
        }

        return new OrchestrationQueryResult([], null);
    }

    private static OrchestrationState StateOf(InstanceRow row)
    {
        var state = new OrchestrationRuntimeState(row.Body.ReadHistory()) { Status = row.Body.CustomStatus };
        OrchestrationState built;
        if (state.ExecutionStartedEvent is not null)
        {
            built = Utils.BuildOrchestrationState(state);
        }
        else
        {
            ExecutionStartedEvent? start = row.Body.Inbox.Select(static message => message.Event).OfType<ExecutionStartedEvent>().FirstOrDefault();
            built = new OrchestrationState
            {
                OrchestrationInstance = new OrchestrationInstance { InstanceId = row.InstanceId, ExecutionId = row.ExecutionId },
                Name = row.Name,
                Input = start?.Input,
                ScheduledStartTime = start?.ScheduledStartTime,
            };
        }

        built.OrchestrationStatus = row.Status;
        built.CreatedTime = row.CreatedAt.UtcDateTime;
        built.LastUpdatedTime = row.UpdatedAt.UtcDateTime;
        return built;
    }

    private static string CreatedBetween(DateTime? from, DateTime? to) => TableClient.CreateQueryFilter(
        $"CreatedAt ge {Earliest(from)} and CreatedAt le {to?.ToUniversalTime() ?? InstanceRow.Never.UtcDateTime}");

    // The earliest time that tables know is in 1601.
    private static DateTime Earliest(DateTime? from) => from is { Year: > 1601 } time ? time.ToUniversalTime() : DateTime.UnixEpoch;

    private static string In(IEnumerable<OrchestrationStatus> statuses) =>
        $"({string.Join(" or ", statuses.Select(status => $"Status eq '{status}'"))})";

    /// <summary>Deletes what has ended and has no messages left to deliver.</summary>
    private async Task<PurgeResult> PurgeAsync(string condition, IEnumerable<OrchestrationStatus> statuses)
    {
        OrchestrationStatus[] chosen = [.. statuses];
        if (chosen.Length == 0)
        {
            return new PurgeResult(0);
        }

        var ended = new List<TableEntity>();
        string filter = $"PartitionKey eq '{InstanceRow.Partition}' and Owner eq '' and {condition} and {In(chosen)}";
        await foreach (TableEntity row in Table.QueryAsync<TableEntity>(filter, select: PurgeColumns))
        {
            ended.Add(row);
        }

        return new PurgeResult(await hub.Table.DeleteAsync(ended, CancellationToken.None));
    }
}
