namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>What a series measured in a time; can be merged in any order, and taken back exactly.</summary>
/// <typeparam name="TSelf">The measures themselves.</typeparam>
public interface IMeasures<TSelf>
    where TSelf : IMeasures<TSelf>
{
    /// <summary>Whether nothing was added, or all of it was taken back.</summary>
    bool IsEmpty { get; }

    /// <summary>Measures of their own with the same content.</summary>
    TSelf Copy();

    /// <summary>Adds all that others measured, which stay as they are.</summary>
    void Merge(TSelf other);

    /// <summary>Takes back what others measured, which stay as they are.</summary>
    void Subtract(TSelf other);

    /// <summary>Writes the measures in few bytes.</summary>
    void Write(BinaryWriter writer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no measures.</exception>
    static abstract TSelf Read(BinaryReader reader);
}
