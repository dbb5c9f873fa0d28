using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats;

/// <summary>Reads records of one format out of content that arrives piece by piece. One is made for each source.</summary>
internal abstract class FormatReader
{
    /// <summary>The format.</summary>
    public abstract SourceFormat Format { get; }

    /// <summary>
    /// Whether a new reader of the format could go on from where the last <see cref="Read"/> stopped, knowing no more than
    /// <see cref="Line"/> and <see cref="OpenArrays"/>. A format that never can is read again as a whole when its source grows.
    /// </summary>
    public virtual bool CanBeContinued => false;

    /// <summary>The 1-based line that comes next, for formats in which lines mean something.</summary>
    public virtual long Line { get; set; } = 1;

    /// <summary>How many arrays around the records are open where the last <see cref="Read"/> stopped.</summary>
    public virtual int OpenArrays { get; set; }

    /// <summary>How much of what is no JSON must be there, or all of it, to say whether it is of another format.</summary>
    protected const int ShownOfText = 256;

    /// <summary>Whether a record of another format ends <see cref="Read"/>, so that a reader of its format reads it. Otherwise it is rejected.</summary>
    public bool LeavesForeignRecords { get; set; }

    /// <summary>The offset of a record that the reader of another format left: it is not left again.</summary>
    public long LeftTo { get; set; } = -1;

    /// <summary>The format of the record where the last <see cref="Read"/> stopped; unknown if it is none of another format.</summary>
    public SourceFormat Foreign { get; private set; }

    /// <summary>Appends the records that are complete in the content to the batch, as far as the batch may grow.</summary>
    /// <param name="content">Content from where the last call stopped.</param>
    /// <param name="batch">Where records go.</param>
    /// <param name="consumed">How many bytes will not be needed again; the rest is given again, with more behind it.</param>
    /// <returns>True when the batch is full; false when more content is needed, or at the end everything was consumed.</returns>
    public abstract bool Read(SourceContent content, SpanBatch batch, out int consumed);

    /// <summary>To be called at the beginning of <see cref="Read"/>.</summary>
    protected void BeginRead() => Foreign = SourceFormat.Unknown;

    /// <summary>Whether a record that this reader would reject is left to another one: then <see cref="Read"/> must end in front of it.</summary>
    /// <param name="record">The record, and whatever follows it.</param>
    /// <param name="offset">Its offset in the source.</param>
    protected bool Leaves(ReadOnlySpan<byte> record, long offset)
    {
        SourceFormat format = LeavesForeignRecords && offset != LeftTo ? FormatDetection.OfForeign(record) : SourceFormat.Unknown;
        Foreign = format == Format ? SourceFormat.Unknown : format;
        return Foreign != SourceFormat.Unknown;
    }
}
