using Azure;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Storage.Progress;

/// <summary>How far a blob that is read in parts has been read: one that is appended to, or is too long for one invocation.</summary>
/// <param name="Name">The blob's name.</param>
/// <param name="Version">Tells the blob from one that replaced it: the creation time of one that is appended to, the ETag of any other.</param>
public sealed record BlobProgress(string Name, string Version)
{
    /// <summary>Whether the blob may be appended to.</summary>
    public bool IsAppended { get; init; }

    /// <summary>The blob's length when it was last looked at.</summary>
    public long Length { get; init; }

    /// <summary>When the blob had last been written to.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Where the next part begins: everything before is stored, its receipt included.</summary>
    public SourcePosition Position { get; init; } = SourcePosition.Start;

    /// <summary>How far the blob has been looked at; what lies between <see cref="Position"/> and here is a record that is not complete yet.</summary>
    public long ReadTo { get; init; }

    /// <summary>Whether nothing is left to be read up to <see cref="ReadTo"/>, incomplete records included.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Whether the content cannot be read, however much of it there will be.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether the last reading found records but no place behind them to go on from, as in a document or a compressed member that is not complete.</summary>
    public bool IsReadWhole { get; init; }

    /// <summary>When a part was last read.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>The part that is being read now; null for none.</summary>
    public BlobClaim? Claim { get; init; }

    /// <summary>Guards against concurrent change; default for progress that is not stored among active blobs.</summary>
    public ETag RowVersion { get; init; }
}
