using System.Security.Cryptography;
using System.Text;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Packing;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Storage.Tests.Packing;

/// <summary>Traces are stored for weeks: what version 1 wrote once must be read by every later build.</summary>
public sealed class PackFormatTests
{
    private const string Golden =
        "QQKBAcwBeAFynngADwAPAQYBAakBQAIBrwFAAwFEAAQBTkAFAAdABgG7AUIBAgEHAQFIAAAFAIC03LGTZ/YBAAcBBJUGAgYCLxAJCAMEBir68AQAJAARAQGB"
        + "AQLIAQMBCAGDAUAAADYBAAAAAnKuegoLAQEDAvQBAj8ZGgEbAsYBAwEBAQECAAN3AgRCA4Nwcm9jZXNzXxcAA2oClDEuMi4zb3JkLdcCAx8ABDYABNECAxcA"
        + "I3M/agJSaW52LVDYAhMgmAMLhQVwNTAwMG1zY44Dwz10NjFyY1drZ016RUkABGAA+wk6IFphaGx1bmcgw7xiZXJmw6RsbGlnLCAnAN1DzRYZZfcKnDGAHCHr"
        + "SIQxMyBpcWuttwtXocSPDk8+nUp6Gyw9Tl8AESIzqrvM3QMCAQoHAAAAAAAAAAgAAAAAAAAACQAAAAAAAAAyMyBpcWuttw==";

    [Fact]
    public void The_texts_that_belong_to_version_1_have_not_changed()
    {
        StringBuilder first = new();
        for (int i = 0; i < 259; i++)
        {
            first.Append(Encoding.UTF8.GetString(WellKnownTexts.Text(i))).Append('\n');
        }

        Assert.Equal("49121bec6a7250955abd7a7281b68ecd0c2c884639750719f37b180386a14db8", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(first.ToString()))));
        Assert.Equal("26c155e00932bd7045ae7fe624529bdda6ed0093e84d69560264618e30b1bf11", Convert.ToHexStringLower(SHA256.HashData(FoldWindow.Bytes)));
    }

    [Fact]
    public void A_pack_that_version_1_wrote_is_read()
    {
        SpanBatch back = new();

        new SpanUnpacker().Unpack(Convert.FromBase64String(Golden), back);

        Assert.Equal(SpanBatchText.Describe(Example()), SpanBatchText.Describe(back));
    }

    [Fact]
    public void The_packer_still_writes_version_1() =>
        Assert.Equal(Golden, Convert.ToBase64String(new SpanPacker().Pack(Example(), 0, 2).Span));

    [Fact]
    public void A_pack_of_many_spans_is_compressed_and_a_small_one_folded()
    {
        SpanBatch many = new BatchRecipe(3, 400).Build();

        Assert.Equal(0x81, new SpanPacker().Pack(many, 0, many.Count).Span[0]);
        Assert.Equal(0x41, new SpanPacker().Pack(Example(), 0, 2).Span[0]);
    }

    [Fact]
    public void A_pack_that_would_expand_too_far_stays_uncompressed_and_comes_back()
    {
        SpanBatch batch = new();
        for (int i = 0; i < 40_000; i++)
        {
            batch.AddSpan();
        }

        SpanBatch back = new();
        ReadOnlyMemory<byte> packed = new SpanPacker().Pack(batch, 0, batch.Count);
        new SpanUnpacker().Unpack(packed.Span, back);

        Assert.Equal(1, packed.Span[0]);
        Assert.Equal(batch.Count, back.Count);
    }

    private static SpanBatch Example()
    {
        SpanBatch batch = new();
        int shared = batch.AddAttribute("service.version", "1.2.3", AttributeScope.Resource);
        int own = batch.AddAttribute("order_id", "ord-789");
        batch.AddAttribute("request_id", "0b57a1c4-8f0e-4f3e-9d4a-7a1b2c3d4e5f");
        batch.AddAttribute("url.full", "https://payment-service/api/v1/payments?cursor=00112233aabbccdd", rank: AttributeRank.Start);
        batch.AddAttribute("network.peer.address", "10.1.2.3");
        batch.AddAttribute("invoice", "inv-000042");
        batch.AddAttribute(new SpanAttribute(batch.Strings.Add("amount"), AttributeKind.Double, BitConverter.DoubleToInt64Bits(99.99)));
        int eventAttribute = batch.AddAttribute("exception.message", "payment-service: Zahlung überfällig, payment-service");
        int spanEvent = batch.AddEvent(new SpanEvent
        {
            Name = batch.Strings.Add("exception"), TimeUnixNano = 1_772_128_800_100_000_000, AttributeStart = eventAttribute, AttributeCount = 1,
        });
        int link = batch.AddLink(new SpanLink { TraceId = new TraceId(7, 8), SpanId = new SpanId(9) });
        for (int i = 0; i < 2; i++)
        {
            ref SpanRecord span = ref batch.AddSpan();
            span.TraceId = new TraceId(0x0af7651916cd43dd, 0x8448eb211c80319c);
            span.SpanId = new SpanId(0xb7ad6b7169203331 + (ulong)i);
            span.ParentSpanId = new SpanId(i == 0 ? 0 : 0xb7ad6b7169203331);
            span.StartUnixNano = 1_772_128_800_000_000_000 + (i * 1_000_000);
            span.EndUnixNano = 1_772_128_800_123_000_000;
            span.ReportedDurationNano = 123_000_000;
            span.Service = batch.Strings.Add("payment-service");
            span.Name = batch.Strings.Add("process_payment");
            span.Kind = SpanKind.Server;
            span.Status = SpanStatus.Error;
            span.StatusMessage = batch.Strings.Add("Payment gateway timeout after 5000ms");
            span.TraceState = batch.Strings.Add("congo=t61rcWkgMzE");
            span.Flags = SpanFlags.Started | SpanFlags.Ended;
            (span.SharedStart, span.SharedCount, span.AttributeStart, span.AttributeCount) = (shared, 1, own, 6);
            (span.EventStart, span.EventCount, span.LinkStart, span.LinkCount) = (spanEvent, 1, link, 1);
        }

        return batch;
    }
}
