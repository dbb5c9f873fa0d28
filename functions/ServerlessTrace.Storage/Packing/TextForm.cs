namespace ServerlessTrace.Storage.Packing;

/// <summary>How a text is written where it is first used. A text used before is its number plus <see cref="Count"/>.</summary>
internal enum TextForm
{
    /// <summary>A length; the bytes are in the texts.</summary>
    Literal = 0,

    /// <summary>The number of a <see cref="WellKnownTexts">well-known text</see>.</summary>
    WellKnown = 1,

    /// <summary>A lower-case UUID as 16 bytes of noise.</summary>
    Uuid = 2,

    /// <summary>A count of lower-case hex digits; the digits are noise.</summary>
    Hex = 3,

    /// <summary>A decimal number without leading zeros.</summary>
    Number = 4,

    /// <summary>A prefix, then as <see cref="Uuid"/>.</summary>
    PrefixedUuid = 5,

    /// <summary>A prefix, then as <see cref="Hex"/>.</summary>
    PrefixedHex = 6,

    /// <summary>A prefix, then as <see cref="Number"/>.</summary>
    PrefixedNumber = 7,

    /// <summary>A prefix, a count of decimal digits, a number with leading zeros.</summary>
    PaddedNumber = 8,

    /// <summary>A dotted IPv4 address as 4 bytes of noise.</summary>
    Address = 9,

    /// <summary>How many forms there are.</summary>
    Count = 10,
}
