namespace ServerlessTrace.Core.Tests.Formats.Otlp;

/// <summary>Random requests; the same seed gives the same ones.</summary>
internal sealed class RandomOtlp(int seed)
{
    private static readonly string[] Texts = ["", "checkout", "käse", "\"quoted\" \\ line\nbreak", "a somewhat longer text that does not fit into one vector of bytes", "日本語", "\u0001", "😀"];

    private readonly Random _random = new(seed);

    public OtlpModel Request() => new([.. Many(4, Group)]);

    public OtlpSpan Span() => new()
    {
        TraceId = Id(16),
        SpanId = Id(8),
        ParentSpanId = _random.Next(2) == 0 ? [] : Id(8),
        TraceState = _random.Next(3) == 0 ? "vendor=1" : "",
        Name = Text(),
        Kind = _random.Next(6),
        Start = Time(),
        End = _random.Next(4) == 0 ? 0 : Time(),
        Attributes = Pairs(0),
        DroppedAttributes = (uint)(_random.Next(5) / 4),
        Events = [.. Many(3, () => new OtlpDetail(Time(), Text(), Pairs(1), (uint)(_random.Next(5) / 4)))],
        Links = [.. Many(2, () => new OtlpLink(Id(16), Id(8), Pairs(1)))],
        Status = _random.Next(3),
        StatusMessage = Text(),
    };

    private OtlpGroup Group()
    {
        List<OtlpPair> resource = Pairs(1);
        if (_random.Next(3) != 0)
        {
            resource.Add(new OtlpPair("service.name", "shop"));
        }

        return new OtlpGroup(resource, [.. Many(3, () => new OtlpScopeGroup(Text(), Text(), Pairs(1), [.. Many(4, Span)]))]);
    }

    private List<OtlpPair> Pairs(int depth) => [.. Enumerable.Range(0, _random.Next(5)).Select(i => new OtlpPair($"key{i}", Value(depth)))];

    private object? Value(int depth) => _random.Next(depth > 3 ? 6 : 9) switch
    {
        0 => _random.NextInt64(long.MinValue, long.MaxValue),
        1 => _random.Next(2) == 0,
        2 => _random.Next(6) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => -0.0, 3 => 1e300, _ => _random.NextDouble() * 1000 },
        3 => Bytes(_random.Next(12)),
        4 => null,
        6 => Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)).ToArray(),
        7 => Pairs(depth + 1).ToArray(),
        _ => Text(),
    };

    private IEnumerable<T> Many<T>(int most, Func<T> make) => Enumerable.Range(0, _random.Next(most + 1)).Select(_ => make());

    private long Time() => 1_772_128_800_000_000_000 + _random.NextInt64(1_000_000_000);

    private string Text() => Texts[_random.Next(Texts.Length)];

    private byte[] Id(int length)
    {
        byte[] id = Bytes(length);
        id[0] |= 1;
        return id;
    }

    private byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
