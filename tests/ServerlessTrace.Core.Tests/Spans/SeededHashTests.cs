using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Spans;

/// <summary>Who writes logs, or calls a traced service with a <c>traceparent</c>, chooses ids: no choice may make a table slow.</summary>
public sealed class SeededHashTests
{
    private const int Count = 1 << 16;
    private const int Mask = (Count * 2) - 1;

    [Fact]
    public void Trace_ids_whose_halves_cancel_out_are_spread()
    {
        // Both words of each half are equal: their exclusive or, which is the hash of a ulong, is always zero.
        AssertSpread(k => new TraceId(Twice(k), Twice(k + 1)).GetHashCode());
        AssertSpread(k => new TraceId(k, k).GetHashCode());
        AssertSpread(k => new TraceId(k << 48, 1).GetHashCode());
    }

    [Fact]
    public void Span_ids_that_undo_a_multiplication_are_spread()
    {
        ulong inverse = Inverse(0x9E3779B97F4A7C15);
        AssertSpread(k => Trace.Slot(new SpanId(k * inverse), Mask));
        AssertSpread(k => Trace.Slot(new SpanId(k << 48), Mask));
        AssertSpread(k => new SpanId(Twice(k)).GetHashCode());
    }

    [Fact]
    public void Spans_of_a_trace_whose_ids_undo_multiplications_are_spread()
    {
        var trace = new TraceId(0x0af7651916cd43dd, 0x8448eb211c80319c);
        ulong first = Inverse(0xD6E8FEB86659FD93);
        ulong second = Inverse(0xC2B2AE3D27D4EB4F);
        AssertSpread(k => SpanMerger.Slot(trace, new SpanId(((k * first) ^ trace.Low ^ (trace.High * 0x9E3779B97F4A7C15)) * second), Mask));
        AssertSpread(k => SpanMerger.Slot(trace, new SpanId(k << 48), Mask));
        AssertSpread(k => SpanMerger.Slot(new TraceId(k, k), new SpanId(1), Mask));
    }

    [Fact]
    public void Sequences_of_numbers_that_differ_in_their_upper_bits_only_are_spread()
    {
        AssertSpread(k => (int)SeededHash.Of([1, k << 48]));
        AssertSpread(k => (int)SeededHash.Of([k << 48, 1]));
        AssertSpread(k => (int)SeededHash.Of([k, k]));
    }

    /// <summary>As many random numbers put about eight into the fullest place; ids that fall together put all.</summary>
    private static void AssertSpread(Func<ulong, int> hash)
    {
        int[] places = new int[Mask + 1];
        for (ulong k = 1; k <= Count; k++)
        {
            places[hash(k) & Mask]++;
        }

        Assert.InRange(places.Max(), 1, 40);
    }

    private static ulong Twice(ulong word) => (word << 32) | word;

    /// <summary>What undoes a multiplication by an odd number modulo 2^64: each of Newton's steps doubles the bits that are right.</summary>
    private static ulong Inverse(ulong odd)
    {
        ulong inverse = odd;
        for (int i = 0; i < 5; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
