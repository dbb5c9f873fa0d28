using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>
/// A trace that is being erased, and where it is found. All of this is written down before anything is deleted that it was learned from: so a repetition after a crash
/// still finds the rest.
/// </summary>
/// <param name="Trace">The trace's id.</param>
internal sealed record ErasureEntry(string Trace)
{
    /// <summary>Whether it is there, and is what is meant: the index of business values finds some that are not.</summary>
    public bool IsFound { get; init; }

    /// <summary>The hour in which it started, since 1970 UTC; 0 where it is not known.</summary>
    public int Hour { get; init; }

    /// <summary>The key of the block with its summary; null where it has none.</summary>
    public string? Block { get; init; }

    /// <summary>The marks under which the index of business values lists it.</summary>
    public IReadOnlyList<int> Marks { get; init; } = [];

    /// <summary>Whether its spans lie in a blob.</summary>
    public bool IsSpilled { get; init; }

    /// <summary>Its id.</summary>
    public TraceId Id => TraceId.TryParse(Trace, out TraceId id) ? id : throw new InvalidDataException($"'{Trace}' is not a trace's id.");

    /// <summary>Where its summary is.</summary>
    public BlockKey? BlockKey => Block is not null && Keys.BlockKey.TryParse(Block, out BlockKey key) ? key : null;

    /// <summary>With marks that were found.</summary>
    public ErasureEntry WithMarks(IEnumerable<BusinessMark> marks) => this with { Marks = [.. Marks.Union(marks.Select(mark => mark.Hash))] };
}
