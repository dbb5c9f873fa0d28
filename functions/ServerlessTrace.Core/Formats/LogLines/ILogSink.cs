namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>Takes what was found in wrappers.</summary>
internal interface ILogSink
{
    /// <summary>A value is looked at: what is taken or rejected next is in it.</summary>
    void Visit(ReadOnlySpan<byte> value);

    /// <summary>Takes an object that is a record or a document.</summary>
    /// <param name="record">Its JSON.</param>
    /// <param name="envelope">What stood around it.</param>
    void TakeRecord(ReadOnlySpan<byte> record, in Envelope envelope);

    /// <summary>Takes a part of a log whose rest may be in other records of the same origin.</summary>
    /// <param name="part">Its text.</param>
    /// <param name="goesOn">Whether the next part belongs to it; null if nothing says so.</param>
    /// <param name="origin">Which log it is.</param>
    /// <param name="envelope">What stood around it.</param>
    /// <param name="depth">How deep it was wrapped.</param>
    void TakePart(ReadOnlySpan<byte> part, bool? goesOn, ulong origin, in Envelope envelope, int depth);

    /// <summary>Takes what is no record.</summary>
    void Reject(ReadOnlySpan<byte> content, string reason);
}
