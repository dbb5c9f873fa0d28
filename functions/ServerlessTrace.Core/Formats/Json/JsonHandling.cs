namespace ServerlessTrace.Core.Formats.Json;

/// <summary>What to do with a value that a <see cref="JsonRecordReader"/> has come to.</summary>
internal enum JsonHandling
{
    /// <summary>Pass over it.</summary>
    Skip,

    /// <summary>Look at its fields or elements one by one: it only wraps records.</summary>
    Enter,

    /// <summary>Collect it whole and read it.</summary>
    Record,

    /// <summary>Leave it to the reader of another format, or read it as a record that says what is wrong with it.</summary>
    Foreign,

    /// <summary>Too little of it is here to say.</summary>
    Undecided,

    /// <summary>Take the rest of the line: it is text.</summary>
    Line,
}
