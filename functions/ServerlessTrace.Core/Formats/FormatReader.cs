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

    /// <summary>Appends the records that are complete in the content to the batch, as far as the batch may grow.</summary>
    /// <param name="content">Content from where the last call stopped.</param>
    /// <param name="batch">Where records go.</param>
    /// <param name="consumed">How many bytes will not be needed again; the rest is given again, with more behind it.</param>
    /// <returns>True when the batch is full; false when more content is needed, or at the end everything was consumed.</returns>
    public abstract bool Read(SourceContent content, SpanBatch batch, out int consumed);
}
