using Azure;
using Azure.Data.Tables;
using Microsoft.DurableTask.Client;

namespace ServerlessTrace.LocalHost.Durable.Storage;

/// <summary>
/// All there is of an instance, in one row: where it stands, who has it, and the end of its log. What of the log no longer fits
/// lies in page rows beside it. Every write is conditional on the row's ETag, so writers are serialised without any lock, and
/// on taking an instance over the epoch grows, so that its former owner notices.
/// </summary>
internal sealed record InstanceRow
{
    // Azurite looks rows up by row key and deletes in transactions per partition: one partition lets a purge batch instances.
    public const string Partition = "instances";

    public static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required string InstanceId { get; init; }

    public required string Name { get; init; }

    public required string ExecutionId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public OrchestrationRuntimeStatus Status { get; init; } = OrchestrationRuntimeStatus.Pending;

    public string? CustomStatus { get; init; }

    /// <summary>The caller of a sub-orchestration; null for others.</summary>
    public ParentLink? Parent { get; init; }

    public Custody Custody { get; init; }

    public string? Owner { get; init; }

    /// <summary>Grows whenever the instance changes hands or is ended from outside.</summary>
    public long Epoch { get; init; }

    /// <summary>Grows with every write of an owner, and with no other: tells it whether a write with a lost answer took place.</summary>
    public long Revision { get; init; }

    /// <summary>Owned: the lease's end. Parked: the next timer. Ready: when to suspect that the message got lost.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>Events in the log that no turn has consumed.</summary>
    public int Inbox { get; init; }

    public int FirstPage { get; init; }

    /// <summary>The page after the last.</summary>
    public int EndPage { get; init; }

    /// <summary>The log's end, after the pages.</summary>
    public byte[] Tail { get; init; } = [];

    public ETag ETag { get; init; }

    public bool IsLive => Status is OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running;

    public InstanceRow Append(byte[] frame) => this with { Tail = [.. Tail, .. frame] };

    public TableEntity ToEntity()
    {
        var entity = new TableEntity(Partition, InstanceId)
        {
            ["Name"] = Name,
            ["ExecutionId"] = ExecutionId,
            ["CreatedAt"] = CreatedAt,
            ["Status"] = Status.ToString(),
            ["Live"] = IsLive,
            ["Custody"] = (int)Custody,
            ["Epoch"] = Epoch,
            ["Revision"] = Revision,
            ["NextAt"] = NextAt,
            ["Inbox"] = Inbox,
            ["FirstPage"] = FirstPage,
            ["EndPage"] = EndPage,
            ["Tail"] = Tail,
        };
        Add("Owner", Owner);
        Add("CustomStatus", CustomStatus);
        Add("ParentId", Parent?.InstanceId);
        Add("ParentName", Parent?.Name);
        Add("ParentExecution", Parent?.ExecutionId);
        Add("ParentTask", Parent?.TaskId);
        return entity;

        void Add(string property, object? value)
        {
            if (value is not null)
            {
                entity[property] = value;
            }
        }
    }

    public static InstanceRow From(TableEntity entity) => new()
    {
        InstanceId = entity.RowKey,
        Name = entity.GetString("Name"),
        ExecutionId = entity.GetString("ExecutionId"),
        CreatedAt = entity.GetDateTimeOffset("CreatedAt")!.Value,
        UpdatedAt = entity.Timestamp ?? DateTimeOffset.MinValue,
        Status = Enum.Parse<OrchestrationRuntimeStatus>(entity.GetString("Status")),
        CustomStatus = entity.GetString("CustomStatus"),
        Parent = entity.GetString("ParentId") is { } parent
            ? new ParentLink(parent, entity.GetString("ParentName"), entity.GetString("ParentExecution"), entity.GetInt32("ParentTask")!.Value)
            : null,
        Custody = (Custody)entity.GetInt32("Custody")!.Value,
        Owner = entity.GetString("Owner"),
        Epoch = entity.GetInt64("Epoch")!.Value,
        Revision = entity.GetInt64("Revision")!.Value,
        NextAt = entity.GetDateTimeOffset("NextAt")!.Value,
        Inbox = entity.GetInt32("Inbox")!.Value,
        FirstPage = entity.GetInt32("FirstPage")!.Value,
        EndPage = entity.GetInt32("EndPage")!.Value,
        Tail = entity.GetBinary("Tail") ?? [],
        ETag = entity.ETag,
    };
}
