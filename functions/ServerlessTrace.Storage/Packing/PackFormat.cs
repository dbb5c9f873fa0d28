namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// The numbers of the packed form. Version 1 is: a version byte (<see cref="Compressed"/> set if codes and texts are a zstd frame,
/// <see cref="Folded"/> if the texts are folded), the count of records, the lengths of codes and texts, that of the frame or of the folded texts
/// if there are any; codes; texts; noise. Codes are small numbers and compress well,
/// texts are UTF-8, noise is ids and other random bits, which no compressor is shown. Everything that repeats (profiles of spans, shapes of
/// attributes, texts, ids) is written where it is first used and referred to by number afterwards.
/// </summary>
internal static class PackFormat
{
    public const byte Version = 1;
    public const byte Compressed = 0x80;
    public const byte Folded = 0x40;
    public const byte VersionBits = 0x3F;

    /// <summary>Codes and texts below this are faster to fold, and little larger then.</summary>
    public const int LeastCompressed = 4096;
    public const int LeastFolded = 32;

    /// <summary>Longer prefixes of numbers in texts are written out; it also bounds how far a damaged pack can expand.</summary>
    public const int LongestPrefix = 96;
    public const int MostPrefixes = 120;

    public const int LeastHexDigits = 8;
    public const int MostHexDigits = 64;
    public const int MostDecimalDigits = 18;

    /// <summary>In place of an event's scale of time: it has no time.</summary>
    public const int NoTime = 4;

    /// <summary>In place of a column's usual byte: kind, scope and rank follow.</summary>
    public const byte UnusualColumn = 0xFF;

    /// <summary>
    /// What unpacking may take in memory. Uncompressed packs stay below it by their form (an attribute and its column take at least a bit), and the packer
    /// does not compress what would exceed it: so corrupt or hostile bytes cannot either.
    /// </summary>
    public static long LargestFootprint(long packedLength) => 65_536 + (packedLength * 512);

    /// <summary>What records take in memory, for <see cref="LargestFootprint"/>.</summary>
    public static long Footprint(long spans, long attributes, long events, long links) => (spans * 136) + (attributes * 24) + (events * 24) + (links * 32);
}
