using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ServerlessTrace.Core.Spans;

/// <summary>
/// Hashes of what comes from outside, ids above all, with a seed that is random a process: nobody who chooses ids can have them all fall into one
/// bucket. They differ from process to process; what is stored, or decided by several, needs another hash.
/// </summary>
public static class SeededHash
{
    private static readonly ulong First = Random();
    private static readonly ulong Second = Random();
    private static readonly ulong Third = Random();

    /// <summary>The hash of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ulong value) => Narrow(Fold(value ^ First, Second));

    /// <summary>The hash of a trace's id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(TraceId trace) => Narrow(Fold(trace.High ^ First, trace.Low ^ Second));

    /// <summary>The hash of a span's ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(TraceId trace, SpanId span) => Narrow(Fold(Fold(trace.High ^ First, trace.Low ^ Second) ^ span.Value, Third));

    /// <summary>The hash of a sequence of numbers.</summary>
    public static uint Of(ReadOnlySpan<ulong> values)
    {
        ulong hash = First ^ (ulong)values.Length;
        foreach (ulong value in values)
        {
            hash = Fold(hash ^ value, Second);
        }

        return Narrow(hash);
    }

    /// <summary>A secret, odd number.</summary>
    internal static ulong Random() => MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    /// <summary>The wyhash construction: both halves of a 128-bit product in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(ulong hash) => (uint)(hash ^ (hash >> 32));
}
