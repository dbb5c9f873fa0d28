using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>One of equal parts into which the traces of a shard are divided by their ids, when they are too many to be unpacked at once.</summary>
/// <param name="Number">From 0 to <paramref name="Count"/> less one.</param>
/// <param name="Count">How many slices there are.</param>
internal readonly record struct TraceSlice(int Number, int Count)
{
    public bool IsWhole => Count <= 1;

    /// <summary>Whether a trace is in this slice. Ids are mixed first, otherwise than for shards: some senders make only part of an id random.</summary>
    public bool Has(TraceId trace)
    {
        ulong mixed = (trace.High ^ (trace.Low * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15;
        return (int)((mixed >> 32) % (uint)Count) == Number;
    }
}
