namespace ServerlessTrace.Generation;

/// <summary>SplitMix64: the same numbers for a seed on every machine and runtime, which <see cref="Random"/> does not promise.</summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, not including, <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    public bool Chance(int perThousand) => Below(1000) < perThousand;

    /// <summary>A latency around a mean: mostly between half of it and one and a half, now and then many times as long.</summary>
    public long Latency(int mean)
    {
        long latency = (mean / 2) + Below(Math.Max(1, mean));
        return Chance(15) ? latency * (3 + Below(6)) : latency;
    }
}
