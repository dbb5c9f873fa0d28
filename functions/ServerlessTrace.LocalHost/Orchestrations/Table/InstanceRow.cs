using Azure;
using Azure.Data.Tables;
using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>An orchestration instance as it is stored: one row, guarded by its ETag.</summary>
internal sealed record InstanceRow
{
    /// <summary>The partition of instances.</summary>
    public const string Partition = "instances";

    /// <summary>The most compressed bytes that a row holds: Azurite refuses entities over about 700 KB, in base64.</summary>
    public const int MaxInline = MaxProperty * 8;

    private const int MaxProperty = 63 << 10;

    /// <summary>A time that never comes.</summary>
    public static readonly DateTimeOffset Never = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public required string InstanceId { get; init; }

    public required string ExecutionId { get; init; }

    public required string Name { get; init; }

    public OrchestrationStatus Status { get; init; } = OrchestrationStatus.Pending;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The host that has the instance in memory; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>From when the owner, or any host where there is none, should look at the row.</summary>
    public DateTimeOffset LookAt { get; init; } = Never;

    /// <summary>The blob that holds the body where that is too large for the row.</summary>
    public string? Blob { get; init; }

    public required InstanceBody Body { get; init; }

    public ETag ETag { get; init; }

    public bool HasEnded => Status is OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated;

    /// <summary>The row; its body where that is inline.</summary>
    public TableEntity ToEntity(byte[] compressed)
    {
        var entity = new TableEntity(Partition, InstanceId)
        {
            [nameof(ExecutionId)] = ExecutionId,
            [nameof(Name)] = Name,
            [nameof(Status)] = Status.ToString(),
            [nameof(CreatedAt)] = CreatedAt,
            [nameof(UpdatedAt)] = UpdatedAt,
            [nameof(Owner)] = Owner ?? string.Empty,
            [nameof(LookAt)] = LookAt,
        };
        if (Blob is not null)
        {
            entity[nameof(Blob)] = Blob;
            return entity;
        }

        int part = 0;
        foreach (byte[] piece in compressed.Chunk(MaxProperty))
        {
            entity[$"{nameof(Body)}{part++}"] = piece;
        }

        return entity;
    }

    /// <summary>The row of an instance whose history cannot be read: it has failed.</summary>
    public InstanceRow Damaged(Exception damage)
    {
        var start = new ExecutionStartedEvent(-1, null)
        {
            Name = Name,
            OrchestrationInstance = new OrchestrationInstance { InstanceId = InstanceId, ExecutionId = ExecutionId },
        };
        var details = new FailureDetails(typeof(InvalidDataException).FullName!, $"The history is damaged: {damage.Message}", null, null, true);
        var history = new MemoryStream();
        HistoryJson.WriteLines(history, [start, new ExecutionCompletedEvent(-1, details.ErrorMessage, OrchestrationStatus.Failed, details)]);
        return this with { Status = OrchestrationStatus.Failed, Body = new InstanceBody(history.ToArray(), [], [], Body.CustomStatus) };
    }

    /// <summary>The row that an entity holds. <paramref name="spilled"/> is the content of its blob, if it has one.</summary>
    public static InstanceRow From(TableEntity entity, byte[]? spilled)
    {
        var pieces = new List<byte>();
        for (int part = 0; entity.GetBinary($"{nameof(Body)}{part}") is { } piece; part++)
        {
            pieces.AddRange(piece);
        }

        return new InstanceRow
        {
            InstanceId = entity.RowKey,
            ExecutionId = entity.GetString(nameof(ExecutionId)),
            Name = entity.GetString(nameof(Name)),
            Status = Enum.Parse<OrchestrationStatus>(entity.GetString(nameof(Status))),
            CreatedAt = entity.GetDateTimeOffset(nameof(CreatedAt))!.Value,
            UpdatedAt = entity.GetDateTimeOffset(nameof(UpdatedAt))!.Value,
            Owner = entity.GetString(nameof(Owner)) is { Length: > 0 } owner ? owner : null,
            LookAt = entity.GetDateTimeOffset(nameof(LookAt))!.Value,
            Blob = entity.GetString(nameof(Blob)),
            Body = InstanceBody.Decompress(spilled ?? [.. pieces]),
            ETag = entity.ETag,
        };
    }
}
