using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Usage;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Storage.Tests.Receipts;

public sealed class ReceiptStoreTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    [Fact]
    public async Task The_newest_come_first_and_pages_cover_each_once()
    {
        var written = new List<string>();
        for (int i = 0; i < 25; i++)
        {
            // Over several days, some at the same moment.
            Receipt receipt = New($"file-{i}", Clock.GetUtcNow().AddHours(i / 2 * 7));
            written.Add(receipt.Id.RowKey);
            await Receipts.WriteAsync(receipt, CancellationToken.None);
        }

        var paged = new List<string>();
        for (string? after = null; ;)
        {
            List<string> page = [];
            await foreach (Receipt receipt in Receipts.ReadAsync(after, CancellationToken.None))
            {
                page.Add(receipt.Id.RowKey);
                if (page.Count == 4)
                {
                    break;
                }
            }

            if (page.Count == 0)
            {
                break;
            }

            paged.AddRange(page);
            after = page[^1];
        }

        Assert.Equal(written.Order(StringComparer.Ordinal), paged);
        Assert.Equal(paged.Select(id => ReceiptId.Parse(id).WrittenAt).OrderDescending(), paged.Select(id => ReceiptId.Parse(id).WrittenAt));
    }

    [Fact]
    public async Task Services_whose_names_do_not_fit_a_property_are_counted_together()
    {
        // In JSON each of these letters takes six characters; a property has 32 Ki at most.
        ServiceSpans[] services = [.. Enumerable.Range(0, 100).Select(number => new ServiceSpans($"{number}{new string('ж', 120)}", 2))];
        Receipt receipt = New("file", Clock.GetUtcNow()) with { Services = services };
        await Receipts.WriteAsync(receipt, CancellationToken.None);

        Receipt? stored = await Receipts.FindAsync(receipt.Id.RowKey, CancellationToken.None);
        Assert.Equal(200, stored!.Services.Sum(service => service.Spans));
        Assert.Equal(services[..25], stored.Services.Take(25));
        string written = Assert.Single(await RowsAsync(Clients.Receipts)).GetString("Services");
        Assert.InRange(written.Length, 1, 32 * 1024);
    }

    [Fact]
    public async Task A_receipt_comes_back_as_it_was()
    {
        Receipt receipt = New("a", Clock.GetUtcNow()) with
        {
            State = ReceiptState.Partial,
            ReadAt = Clock.GetUtcNow().AddMilliseconds(1.5),
            DurationMs = 12.3,
            Bytes = 1L << 40,
            DecompressedBytes = 1L << 41,
            Format = "span-log",
            Compression = "gzip",
            Records = 10,
            Spans = 8,
            Traces = 2,
            Services = [new ServiceSpans("payment-service", 6), new ServiceSpans("žlutý", 2)],
            Redacted = 3,
            Rejected = 2,
            Rejections = [new Rejection(3, 120, "'trace_id' is \"no\" hex", "{\"trace_id\":\"žlutý \uD83D\uDE00\"}"), new Rejection(0, 4_000_000_000, "truncated", "\u0000\u001b[31m")],
            Reason = "<b>&'\"",
            Notes = ["one", "two\nlines"],
        };

        await Receipts.WriteAsync(receipt, CancellationToken.None);
        Receipt? back = await Receipts.FindAsync(receipt.Id.RowKey, CancellationToken.None);

        Assert.Equivalent(receipt, back, strict: true);
    }

    [Fact]
    public async Task More_rejections_than_a_row_holds_are_cut_rather_than_refused()
    {
        Receipt receipt = New(new string('n', 40_000), Clock.GetUtcNow()) with
        {
            Rejections = [.. Enumerable.Range(0, 1_000).Select(i => new Rejection(i, i, "a reason of some length, so that it says what would be right", new string('\u0001', 200)))],
            Reason = new string('\uD83D', 29_999) + "\uD83D\uDE00" + new string('r', 40_000),
        };

        await Receipts.WriteAsync(receipt, CancellationToken.None);
        Receipt? back = await Receipts.FindAsync(receipt.Id.RowKey, CancellationToken.None);

        Assert.InRange(back!.Rejections.Count, 100, 999);
        Assert.Equal(receipt.Rejections.Take(back.Rejections.Count), back.Rejections);
        Assert.StartsWith("nnn", back.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b\\c#d?e'f\"g")]
    [InlineData("../../etc/passwd")]
    [InlineData("' or PartitionKey gt '")]
    [InlineData("x\u0000\u0001\u007f\r\nSet-Cookie: a=b")]
    [InlineData("žluťoučký \uD83D\uDE00 %2F%5C%23")]
    [InlineData("")]
    public async Task No_name_gets_into_a_key_and_every_id_is_valid_in_a_url(string name)
    {
        Receipt receipt = New(name, Clock.GetUtcNow());
        string id = receipt.Id.RowKey;

        await Receipts.WriteAsync(receipt, CancellationToken.None);

        Assert.Equal(id, Uri.EscapeDataString(id));
        Assert.True(ReceiptId.IsValid(id));
        Assert.Equal(receipt.Id, ReceiptId.Parse(id));
        Assert.Equal(name, (await Receipts.FindAsync(id, CancellationToken.None))!.Source);
        Assert.True(await Receipts.ExistsAsync(receipt.Id, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1234567890123-0123456789abcdef0123456789abcde'")]
    [InlineData("1234567890123-0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("123456789012٣-0123456789abcdef0123456789abcdef")]
    [InlineData("1234567890123-0123456789abcdef0123456789abcdef/")]
    public async Task What_is_no_id_finds_nothing(string id)
    {
        Assert.False(ReceiptId.IsValid(id));
        Assert.Null(await Receipts.FindAsync(id, CancellationToken.None));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1969-12-31T00:00:00Z")]
    [InlineData("9999-12-31T00:00:00Z")]
    public async Task A_source_without_a_sensible_time_has_a_receipt_all_the_same(string time)
    {
        Receipt receipt = New("a", DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));

        await Receipts.WriteAsync(receipt, CancellationToken.None);

        Assert.True(ReceiptId.IsValid(receipt.Id.RowKey));
        Assert.NotNull(await Receipts.FindAsync(receipt.Id.RowKey, CancellationToken.None));
    }

    [Fact]
    public void Identities_differ_wherever_names_differ_and_only_there()
    {
        SourceId[] ids =
        [
            SourceId.OfBlob("a", "bc", "1"), SourceId.OfBlob("ab", "c", "1"), SourceId.OfBlob("a", "b", "c1"), SourceId.OfBlob("a", "bc", "2"),
            SourceId.OfBlob("a", "Bc", "1"), SourceId.OfBlob("a", "b:c", "1"), SourceId.OfMessage("a", "bc"), SourceId.OfMessage("ab", "c"),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], SourceId.OfBlob("a", "bc", "1"));
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id.Hex));
    }

    private static Receipt New(string name, DateTimeOffset writtenAt) => new(new ReceiptId(writtenAt, Source(name)), name, ReceiptState.Complete);
}
