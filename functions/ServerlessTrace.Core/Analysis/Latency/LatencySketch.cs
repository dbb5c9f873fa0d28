using System.Diagnostics;

namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>
/// Durations in logarithmic buckets, each 2 % wider than the one before, after DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable
/// quantile sketch with relative-error guarantees", VLDB 2019): any quantile is within <see cref="RelativeError"/> of a duration that was added
/// at that rank. All of it are whole numbers, so that merging is exact, whatever the order, and can be taken back. Not thread-safe.
/// </summary>
[DebuggerDisplay("{Count} durations")]
public sealed class LatencySketch
{
    /// <summary>How far a quantile may be from the true one, as a part of it.</summary>
    public const double RelativeError = 0.01;

    // (Growth - 1) / (Growth + 1) = 0.0099: the middle of a bucket is no farther from its ends.
    private const double Growth = 1.02;
    private const int BucketOfZero = -1;
    private static readonly double BucketsPerLog = 1 / Math.Log(Growth);

    private int[] _buckets = [];
    private long[] _units = [];
    private int _used;
    private long _total;
    private Int128 _sum;

    /// <summary>How many durations there are.</summary>
    public AdjustedCount Count => new(_total);

    /// <summary>Whether nothing was added, or all of it was taken back.</summary>
    public bool IsEmpty => _used == 0 && _sum == 0;

    /// <summary>The sum of all durations in ns.</summary>
    public double SumNano => (double)_sum / AdjustedCount.UnitsPerOne;

    /// <summary>The mean duration in ns; 0 where there is none.</summary>
    public double MeanNano => _total == 0 ? 0 : (double)_sum / _total;

    /// <summary>The shortest duration in ns, as near as its bucket tells; 0 where there is none.</summary>
    public double MinNano => _used == 0 ? 0 : Middle(_buckets[0]);

    /// <summary>The longest duration in ns, as near as its bucket tells; 0 where there is none.</summary>
    public double MaxNano => _used == 0 ? 0 : Middle(_buckets[_used - 1]);

    /// <summary>Adds a duration in ns; a negative one counts as 0.</summary>
    public void Add(long nano) => Add(nano, AdjustedCount.One);

    /// <summary>Adds a duration in ns that stands for several; a negative count takes one back.</summary>
    public void Add(long nano, AdjustedCount count)
    {
        nano = Math.Max(nano, 0);
        Add(Bucket(nano), count.Units);
        _total += count.Units;
        _sum += (Int128)nano * count.Units;
    }

    /// <summary>Adds all that another sketch has.</summary>
    public void Merge(LatencySketch other) => Merge(other, 1);

    /// <summary>Takes back what another sketch has: that of a former revision, for instance.</summary>
    public void Subtract(LatencySketch other) => Merge(other, -1);

    /// <summary>A sketch of its own with the same content.</summary>
    public LatencySketch Copy() => new()
    {
        _buckets = _buckets.AsSpan(0, _used).ToArray(),
        _units = _units.AsSpan(0, _used).ToArray(),
        _used = _used,
        _total = _total,
        _sum = _sum,
    };

    /// <summary>
    /// The duration in ns that a part of all durations do not exceed, by nearest rank: 0.5 for the median. 0 where there is none.
    /// </summary>
    public double Quantile(double part)
    {
        if (_used == 0)
        {
            return 0;
        }

        // Half a unit less: 0.9 × 10 must not become more than 9.
        long rank = (long)Math.Ceiling((Math.Clamp(part, 0, 1) * _total) - 0.5);
        long below = 0;
        int bucket = 0;
        for (; bucket < _used - 1; bucket++)
        {
            below += _units[bucket];
            if (below >= Math.Max(rank, 1))
            {
                break;
            }
        }

        return Middle(_buckets[bucket]);
    }

    /// <summary>How many durations are longer than one given in ns; those of its own bucket are not.</summary>
    public AdjustedCount CountAbove(long nano)
    {
        int limit = Bucket(nano);
        long above = 0;
        for (int i = _used - 1; i >= 0 && _buckets[i] > limit; i--)
        {
            above += _units[i];
        }

        return new AdjustedCount(above);
    }

    /// <summary>Whether both have the same content.</summary>
    public bool ContentEquals(LatencySketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _total == other._total && _sum == other._sum
            && _buckets.AsSpan(0, _used).SequenceEqual(other._buckets.AsSpan(0, other._used))
            && _units.AsSpan(0, _used).SequenceEqual(other._units.AsSpan(0, other._used));
    }

    /// <summary>
    /// Writes the sketch in few bytes, all of them numbers of 7 bits a byte: twice the number of buckets, plus 1 where all counts are whole and
    /// written as such; the sum, low half first; then for each bucket how far it is from the one before, and its count, signed.
    /// </summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int unit = IsWhole() ? AdjustedCount.UnitsPerOne : 1;
        writer.Write7BitEncodedInt((_used << 1) | (unit == 1 ? 0 : 1));
        Int128 sum = _sum / unit;
        writer.Write7BitEncodedInt64((long)(ulong)(sum & ulong.MaxValue));
        writer.Write7BitEncodedInt64(ZigZag((long)(sum >> 64)));
        int bucket = BucketOfZero;
        for (int i = 0; i < _used; i++)
        {
            writer.Write7BitEncodedInt(_buckets[i] - bucket);
            writer.Write7BitEncodedInt64(ZigZag(_units[i] / unit));
            bucket = _buckets[i];
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no sketch.</exception>
    public static LatencySketch Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int head = reader.Read7BitEncodedInt();
        int used = head >> 1;
        int unit = (head & 1) == 0 ? 1 : AdjustedCount.UnitsPerOne;
        if (head < 0 || used > Bucket(long.MaxValue) + 2)
        {
            throw new InvalidDataException($"A sketch cannot have {used} buckets.");
        }

        ulong low = (ulong)reader.Read7BitEncodedInt64();
        var sketch = new LatencySketch { _buckets = new int[used], _units = new long[used], _used = used };
        sketch._sum = new Int128((ulong)UnZigZag(reader.Read7BitEncodedInt64()), low) * unit;
        int bucket = BucketOfZero;
        for (int i = 0; i < used; i++)
        {
            bucket += reader.Read7BitEncodedInt();
            sketch._buckets[i] = bucket;
            sketch._units[i] = UnZigZag(reader.Read7BitEncodedInt64()) * unit;
            sketch._total += sketch._units[i];
        }

        return sketch;
    }

    private static int Bucket(long nano) => nano <= 0 ? BucketOfZero : (int)Math.Ceiling(Math.Log(nano) * BucketsPerLog);

    /// <summary>The duration that is equally far, by proportion, from both ends of a bucket.</summary>
    private static double Middle(int bucket) => bucket == BucketOfZero ? 0 : Math.Pow(Growth, bucket) * 2 / (1 + Growth);

    private static long ZigZag(long value) => (value << 1) ^ (value >> 63);

    private static long UnZigZag(long value) => (long)((ulong)value >> 1) ^ -(value & 1);

    private void Add(int bucket, long units)
    {
        int at = Array.BinarySearch(_buckets, 0, _used, bucket);
        if (at < 0)
        {
            Insert(~at, bucket, units);
        }
        else
        {
            _units[at] += units;
            if (_units[at] == 0)
            {
                Remove(at);
            }
        }
    }

    private void Insert(int at, int bucket, long units)
    {
        if (units == 0)
        {
            return;
        }

        Reserve(Math.Max(4, _used + 1));
        Array.Copy(_buckets, at, _buckets, at + 1, _used - at);
        Array.Copy(_units, at, _units, at + 1, _used - at);
        (_buckets[at], _units[at]) = (bucket, units);
        _used++;
    }

    private void Remove(int at)
    {
        _used--;
        Array.Copy(_buckets, at + 1, _buckets, at, _used - at);
        Array.Copy(_units, at + 1, _units, at, _used - at);
    }

    private void Merge(LatencySketch other, int sign)
    {
        ArgumentNullException.ThrowIfNull(other);
        int used = _used + CountMissing(other);
        Reserve(used);

        // From the end, so that nothing is overwritten before it was moved.
        bool hasZero = false;
        for (int at = used - 1, left = _used - 1, right = other._used - 1; right >= 0; at--)
        {
            if (left >= 0 && _buckets[left] > other._buckets[right])
            {
                (_buckets[at], _units[at]) = (_buckets[left], _units[left]);
                left--;
                continue;
            }

            int bucket = other._buckets[right];
            long units = sign * other._units[right--];
            units += left >= 0 && _buckets[left] == bucket ? _units[left--] : 0;
            (_buckets[at], _units[at]) = (bucket, units);
            hasZero |= units == 0;
        }

        _used = used;
        _total += sign * other._total;
        _sum += sign * other._sum;
        if (hasZero)
        {
            DropZeros();
        }
    }

    /// <summary>How many buckets another sketch has that this one lacks.</summary>
    private int CountMissing(LatencySketch other)
    {
        int missing = 0;
        for (int left = 0, right = 0; right < other._used; right++)
        {
            while (left < _used && _buckets[left] < other._buckets[right])
            {
                left++;
            }

            missing += left < _used && _buckets[left] == other._buckets[right] ? 0 : 1;
        }

        return missing;
    }

    private void Reserve(int buckets)
    {
        if (buckets > _buckets.Length)
        {
            // A first merge takes as much as there is; who merges more gets room for it.
            int capacity = _used == 0 ? buckets : Math.Max(buckets, _used * 2);
            Array.Resize(ref _buckets, capacity);
            Array.Resize(ref _units, capacity);
        }
    }

    private void DropZeros()
    {
        int kept = 0;
        for (int i = 0; i < _used; i++)
        {
            if (_units[i] != 0)
            {
                (_buckets[kept], _units[kept]) = (_buckets[i], _units[i]);
                kept++;
            }
        }

        _used = kept;
    }

    private bool IsWhole()
    {
        bool whole = _sum % AdjustedCount.UnitsPerOne == 0;
        for (int i = 0; whole && i < _used; i++)
        {
            whole = _units[i] % AdjustedCount.UnitsPerOne == 0;
        }

        return whole;
    }
}
