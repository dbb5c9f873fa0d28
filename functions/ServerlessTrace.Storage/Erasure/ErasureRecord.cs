namespace ServerlessTrace.Storage.Erasure;

/// <summary>The record that something was erased. It does not say what, but by a keyed hash, so that whoever knows a value can ask whether it was.</summary>
/// <param name="Id">The erasure's id: digits, letters and hyphens; later ones sort before earlier ones.</param>
/// <param name="Hash">The keyed hash of the trace's id, or of the business key with its value.</param>
/// <param name="RequestedAt">When it was asked for.</param>
public sealed record ErasureRecord(string Id, string Hash, DateTimeOffset RequestedAt)
{
    /// <summary>How many blobs a record names; others are counted.</summary>
    public const int SourcesNamed = 1_000;

    /// <summary>The business key whose value was erased, without the value; null where one trace was.</summary>
    public string? Key { get; init; }

    /// <summary>Who asked for it; null where nobody said so.</summary>
    public string? By { get; init; }

    /// <summary>Whether the platform has verified who that was; otherwise it is what the request said.</summary>
    public bool IsByVerified { get; init; }

    /// <summary>Why, as the request says, such as the number of a case; null where it does not.</summary>
    public string? Reason { get; init; }

    /// <summary>How far it has come.</summary>
    public ErasureState State { get; init; }

    /// <summary>When it was done; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Traces that were there and are erased.</summary>
    public long Traces { get; init; }

    /// <summary>What was deleted or rewritten by kind, such as <c>chunks</c>; after a crash in the middle it may have been more.</summary>
    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();

    /// <summary>Blobs in <c>span-logs</c> that have records of what was erased, at most <see cref="SourcesNamed"/>.</summary>
    public IReadOnlyList<ErasureSource> Sources { get; init; } = [];

    /// <summary>How many such blobs there are.</summary>
    public long SourceCount { get; init; }

    /// <summary>Copies in <c>rejected</c> that are compressed or binary, so that nobody can say what they hold; retention deletes them.</summary>
    public long Unsearched { get; init; }

    /// <summary>Whether traces are forwarded: then their receiver may have them.</summary>
    public bool MayBeForwarded { get; init; }
}
