using System.Runtime.CompilerServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>What records of the same operation have in common. Written once, then a record's first code stands for it.</summary>
/// <param name="Service">The service's string number in the batch.</param>
/// <param name="Name">The name's string number in the batch.</param>
/// <param name="Shape">The shape of its attributes.</param>
/// <param name="Shared">The shared attributes' number.</param>
/// <param name="Fields">Kind, status and flags.</param>
/// <param name="Presence">What the record says.</param>
internal readonly record struct SpanProfile(int Service, int Name, int Shape, int Shared, ulong Fields, Presence Presence)
{
    public uint Hash
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong hash = (((ulong)(uint)Service << 32) | (uint)Name) * 0x9E3779B97F4A7C15;
            hash = (hash ^ (hash >> 29) ^ ((ulong)(uint)Shape << 40) ^ ((ulong)(uint)Shared << 20) ^ (uint)Presence) * 0xBF58476D1CE4E5B9;
            return (uint)((hash ^ Fields) * 0x94D049BB133111EB >> 32);
        }
    }
}
