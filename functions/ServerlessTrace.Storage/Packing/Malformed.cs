using System.Diagnostics.CodeAnalysis;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Refuses packed bytes.</summary>
internal static class Malformed
{
    [DoesNotReturn]
    public static void Throw(string why) => throw new InvalidDataException($"Packed spans cannot be read: {why}.");
}
