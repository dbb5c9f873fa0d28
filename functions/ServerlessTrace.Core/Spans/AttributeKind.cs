namespace ServerlessTrace.Core.Spans;

/// <summary>The type of an attribute's value.</summary>
public enum AttributeKind : byte
{
    /// <summary>Text; the bits are a string's number.</summary>
    String = 0,

    /// <summary>A 64-bit integer.</summary>
    Int64 = 1,

    /// <summary>A double; the bits are its IEEE 754 representation.</summary>
    Double = 2,

    /// <summary>A boolean; the bits are 0 or 1.</summary>
    Bool = 3,

    /// <summary>An array, object or null; the bits are the number of a string of JSON text.</summary>
    Json = 4,

    /// <summary>Bytes; the bits are the number of a string that holds them as base64.</summary>
    Bytes = 5,
}
