using System.Buffers;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>
/// Reads records that are lines of text among other lines. A line that begins no record is left to another format's reader, or rejected; what
/// is decided of a record does not depend on how the content arrives.
/// </summary>
internal abstract class TextRecordReader(ReadLimits limits, SourceStatistics statistics) : FormatReader
{
    private static readonly SearchValues<byte> Between = SearchValues.Create(" \t\r\n,[]"u8);

    private bool _passesLine;

    /// <inheritdoc/>
    public override bool CanBeContinued => !_passesLine;

    /// <summary>Bounds.</summary>
    protected ReadLimits Limits { get; } = limits;

    /// <inheritdoc/>
    public override bool Read(SourceContent content, SpanBatch batch, out int consumed)
    {
        BeginRead();
        consumed = 0;
        while (consumed < content.Bytes.Length)
        {
            if (Limits.IsFull(batch))
            {
                return true;
            }

            int length = ReadNext(content, consumed, batch);
            if (length == 0)
            {
                return false;
            }

            Line += content.Bytes.Slice(consumed, length).Count((byte)'\n');
            consumed += length;
        }

        return Limits.IsFull(batch);
    }

    /// <summary>Whether a record begins at the beginning of a line; the content holds the line's end and the next line's.</summary>
    protected abstract bool Begins(ReadOnlySpan<byte> content);

    /// <summary>Finds where the record that begins here ends; -1 if more content is needed to say.</summary>
    /// <param name="content">From the record's first byte.</param>
    /// <param name="isLast">Whether no more content comes.</param>
    /// <param name="fault">Why the record cannot be read, if it cannot.</param>
    protected abstract int FindEnd(ReadOnlySpan<byte> content, bool isLast, out string? fault);

    /// <summary>Appends what the record tells, right after <see cref="FindEnd"/>; returns what is wrong with it, or null.</summary>
    protected abstract string? ReadRecord(ReadOnlySpan<byte> record, SpanBatch batch);

    /// <summary>Reads a record or passes a line; 0 if more content is needed, or the record is left.</summary>
    private int ReadNext(SourceContent content, int at, SpanBatch batch)
    {
        ReadOnlySpan<byte> rest = content.Bytes[at..];
        int end = rest.IndexOf((byte)'\n');
        if (_passesLine)
        {
            _passesLine = end < 0;
            return end < 0 ? rest.Length : end + 1;
        }

        bool isLong = rest.Length > Limits.RecordBytes;
        int blanks = rest.IndexOfAnyExcept(Between);
        if (blanks != 0)
        {
            return blanks < 0 ? rest.Length : blanks;
        }

        int second = end < 0 ? -1 : rest[(end + 1)..].IndexOf((byte)'\n');
        if (second < 0 && !content.IsLast && !isLong)
        {
            return 0;
        }

        if (Begins(rest))
        {
            return ReadRecord(content, at, rest, batch, isLong);
        }

        if (Leaves(rest, content.Offset + at))
        {
            return 0;
        }

        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        Reject(content, at, line, "the line is no part of a span");
        _passesLine = end < 0 && !content.IsLast;
        return end < 0 ? rest.Length : end + 1;
    }

    private int ReadRecord(SourceContent content, int at, ReadOnlySpan<byte> rest, SpanBatch batch, bool isLong)
    {
        ReadOnlySpan<byte> most = isLong ? rest[..(Limits.RecordBytes + 1)] : rest;
        int length = FindEnd(most, content.IsLast && !isLong, out string? fault);
        if (length < 0 && !isLong)
        {
            return 0;
        }

        if (length < 0 || length > Limits.RecordBytes)
        {
            Reject(content, at, most, $"the record is longer than {Limits.RecordBytes} bytes: split it, or raise the limit on a record's length");
            _passesLine = true;
            return Limits.RecordBytes;
        }

        SpanBatchMark mark = batch.Mark();
        fault ??= ReadRecord(Utf8Text.Repair(rest[..length]), batch);
        if (fault is not null)
        {
            batch.Rewind(mark);
            Reject(content, at, rest[..length], fault);
        }

        return Math.Max(length, 1);
    }

    private void Reject(SourceContent content, int at, ReadOnlySpan<byte> record, string reason)
    {
        bool kept = statistics.Rejections.Count < Limits.RejectionsKept;
        statistics.Reject(Line, content.Offset + at, reason, kept ? Excerpt.Of(record, Limits.ExcerptLength) : string.Empty, Limits.RejectionsKept);
    }
}
