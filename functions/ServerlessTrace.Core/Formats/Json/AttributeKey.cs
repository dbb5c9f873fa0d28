using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>An attribute's key, its number in the batch being filled, and whether the current record has it already.</summary>
internal sealed class AttributeKey(byte[] name, AttributeScope scope)
{
    private long _generation;
    private int _id;

    /// <summary>What the attribute describes.</summary>
    public AttributeScope Scope { get; } = scope;

    /// <summary>The last record, by its serial number, that had this attribute.</summary>
    public long LastRecord { get; set; }

    /// <summary>Where that record's attribute is.</summary>
    public AttributeList? List { get; set; }

    /// <summary>The key's number in a table.</summary>
    public int IdIn(StringTable strings)
    {
        if (_generation != strings.Generation)
        {
            _id = strings.Add(name);
            _generation = strings.Generation;
        }

        return _id;
    }
}
