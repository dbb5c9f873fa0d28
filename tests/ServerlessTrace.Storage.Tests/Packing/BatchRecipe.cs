using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Tests.Packing;

/// <summary>An arbitrary batch, told by a seed and a count of records, so that FsCheck can print and shrink it.</summary>
public sealed record BatchRecipe(int Seed, int Spans)
{
    private static readonly string[] s_words =
    [
        "", "a", "order_id", "http.request.method", "service.name", "GET", "payment-service", "/api/orders/{id}", "v1", "oauth2", "0", "007",
        "Grüße aus Köln", "支付服务", "🙂🙂", "null\0inside", "two\nlines", "-", "ord-", "deadbeef", "DEADBEEFDEADBEEF", "abc-12", "10.0.12.7", "true",
    ];

    public static Arbitrary<BatchRecipe> Any() => Arb.From(
        Gen.Sized(size => Gen.Choose(0, int.MaxValue - 1).SelectMany(seed => Gen.Choose(0, 1 + (size * 2)).Select(spans => new BatchRecipe(seed, spans)))),
        recipe => recipe.Spans == 0 ? [] : [recipe with { Spans = recipe.Spans / 2 }, recipe with { Spans = recipe.Spans - 1 }]);

    public SpanBatch Build()
    {
        SpanBatch batch = new();
        Random random = new(Seed);
        ulong[] ids = [.. Enumerable.Range(0, 8).Select(_ => (ulong)random.NextInt64()), 0];
        (int Start, int Count)[] shared = [(0, 0), Attributes(random, batch), Attributes(random, batch), Attributes(random, batch)];
        for (int i = 0; i < Spans; i++)
        {
            Add(random, batch, ids, shared[random.Next(shared.Length)]);
        }

        return batch;
    }

    private static void Add(Random random, SpanBatch batch, ulong[] ids, (int Start, int Count) shared)
    {
        (int attributeStart, int attributeCount) = Attributes(random, batch);
        int eventStart = batch.EventCount;
        int events = random.Next(4) == 0 ? random.Next(4) : 0;
        for (int i = 0; i < events; i++)
        {
            (int start, int count) = Attributes(random, batch);
            batch.AddEvent(new SpanEvent { TimeUnixNano = Time(random), Name = Text(random, batch), AttributeStart = start, AttributeCount = count });
        }

        int linkStart = batch.LinkCount;
        int links = random.Next(6) == 0 ? random.Next(3) : 0;
        for (int i = 0; i < links; i++)
        {
            (int start, int count) = Attributes(random, batch);
            batch.AddLink(new SpanLink
            {
                TraceId = new TraceId(Id(random, ids), Id(random, ids)), SpanId = new SpanId(Id(random, ids)), AttributeStart = start, AttributeCount = count,
            });
        }

        ref SpanRecord span = ref batch.AddSpan();
        span.TraceId = new TraceId(ids[random.Next(2)], ids[random.Next(3)]);
        span.SpanId = new SpanId(Id(random, ids));
        span.ParentSpanId = new SpanId(Id(random, ids));
        span.StartUnixNano = Time(random);
        span.EndUnixNano = random.Next(3) == 0 ? Time(random) : unchecked(span.StartUnixNano + (random.Next(100_000) * 1000));
        span.ReportedDurationPlusOne = random.Next(4) switch
        {
            0 => 0,
            1 => unchecked(span.EndUnixNano - span.StartUnixNano + 1),
            2 => Time(random),
            _ => 1 + (random.Next(10_000) * 1_000_000L),
        };
        span.Service = Text(random, batch);
        span.Name = Text(random, batch);
        span.StatusMessage = random.Next(3) == 0 ? Text(random, batch) : 0;
        span.TraceState = random.Next(3) == 0 ? Text(random, batch) : 0;
        span.Kind = (SpanKind)(random.Next(20) == 0 ? random.Next(256) : random.Next(6));
        span.Status = (SpanStatus)(random.Next(20) == 0 ? random.Next(256) : random.Next(3));
        span.Flags = (SpanFlags)(random.Next(20) == 0 ? random.Next(65536) : random.Next(32));
        (span.AttributeStart, span.AttributeCount) = (attributeStart, attributeCount);
        (span.SharedStart, span.SharedCount) = shared;
        (span.EventStart, span.EventCount) = (eventStart, events);
        (span.LinkStart, span.LinkCount) = (linkStart, links);
    }

    private static (int Start, int Count) Attributes(Random random, SpanBatch batch)
    {
        int start = batch.AttributeCount;
        int count = random.Next(3) == 0 ? 0 : random.Next(12);
        for (int i = 0; i < count; i++)
        {
            AttributeKind kind = (AttributeKind)random.Next(6);
            long bits = kind switch
            {
                AttributeKind.Int64 => Time(random),
                AttributeKind.Double => BitConverter.DoubleToInt64Bits(Number(random)),
                AttributeKind.Bool => random.Next(2),
                _ => Text(random, batch),
            };
            batch.AddAttribute(new SpanAttribute(Text(random, batch), kind, bits, (AttributeScope)random.Next(4), (AttributeRank)random.Next(3)));
        }

        return (start, count);
    }

    private static ulong Id(Random random, ulong[] known) => random.Next(2) == 0 ? known[random.Next(known.Length)] : (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private static long Time(Random random) => random.Next(12) switch
    {
        0 => 0,
        1 => random.Next(-2, 3),
        2 => long.MinValue + random.Next(3),
        3 => long.MaxValue - random.Next(3),
        4 => random.NextInt64(long.MinValue, long.MaxValue),
        5 => (1_772_128_800_000 + random.Next(1_000_000)) * 1_000_000,
        6 => (1_772_128_800_000_000 + random.Next(1_000_000_000)) * 1000,
        7 => 1_772_128_800_000_000_000,
        _ => 1_772_128_800_000_000_000 + random.NextInt64(10_000_000_000),
    };

    private static double Number(Random random) => random.Next(12) switch
    {
        0 => 0.0,
        1 => -0.0,
        2 => double.NaN,
        3 => double.NegativeInfinity,
        4 => BitConverter.Int64BitsToDouble(random.NextInt64()),
        5 => random.Next(-1000, 1000),
        6 => random.NextDouble(),
        7 => 1e300,
        8 => (1L << 53) + random.Next(5),
        9 => random.Next(1_000_000) / 1000.0,
        10 => double.Epsilon,
        _ => random.Next(-1_000_000, 1_000_000) / 100.0,
    };

    private static int Text(Random random, SpanBatch batch)
    {
        int form = random.Next(200);
        if (form == 0)
        {
            byte[] noText = new byte[random.Next(1, 300)];
            random.NextBytes(noText);
            return batch.Strings.Add(noText);
        }

        if (form == 1)
        {
            return batch.Strings.Add(new string((char)random.Next(0x20, 0x2000), random.Next(40_000)));
        }

        string text = (form % 20) switch
        {
            16 => $"{random.Next(300)}.{random.Next(300)}.{random.Next(3)}.{random.Next(300)}",
            17 => $"{random.Next(300)}.{random.Next(30):d2}.{random.Next(300)}.{random.Next(11)}",
            18 => $"https://shop.example/api/v1/carts?cursor={Hex(random, 16)}",
            19 => $"{s_words[random.Next(s_words.Length)]}-{random.Next(3)}.{random.Next(100_000)}",
            0 => $"ord-{random.Next()}",
            1 => $"ord-{random.Next(1000):d8}",
            2 => Guid(random),
            3 => $"urn:uuid:{Guid(random)}",
            4 => Guid(random).ToUpperInvariant(),
            5 => Hex(random, random.Next(90)),
            6 => $"req-{Hex(random, random.Next(40))}",
            7 => $"{random.NextInt64(long.MaxValue)}{random.Next()}",
            8 => $"{Hex(random, 8)}-{Hex(random, 4)}-{Hex(random, 3)}-{Hex(random, 4)}-{Hex(random, 12)}",
            9 => $"{(char)random.Next('a', 'z')}{random.Next(100_000)}",
            10 => $"{s_words[random.Next(s_words.Length)]}{random.Next(2000)}",
            11 => $"{s_words[random.Next(s_words.Length)]}{Hex(random, 16)}",
            _ => s_words[random.Next(s_words.Length)],
        };
        return batch.Strings.Add(text);
    }

    private static string Guid(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string Hex(Random random, int digits)
    {
        StringBuilder text = new();
        for (int i = 0; i < digits; i++)
        {
            text.Append("0123456789abcdef"[random.Next(16)]);
        }

        return text.ToString();
    }
}
