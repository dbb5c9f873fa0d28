namespace ServerlessTrace.Core.Formats.Json;

/// <summary>The text of an attribute's value, still in the content.</summary>
/// <param name="list">The list that the attribute is in.</param>
/// <param name="index">Where it is there.</param>
/// <param name="text">The text.</param>
/// <param name="length">The text's length.</param>
/// <param name="hash">The text's hash.</param>
internal readonly unsafe struct PendingText(AttributeList list, int index, byte* text, int length, uint hash)
{
    public readonly AttributeList List = list;
    public readonly byte* Text = text;
    public readonly int Index = index;
    public readonly int Length = length;
    public readonly uint Hash = hash;
}
