using Azure.Storage.Blobs.Models;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Functions.Ingest;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests.Ingest;

/// <summary>Copies of sources that cannot be read: what of them may be kept.</summary>
public sealed class RejectedSourcesTests(AzuriteFixture azurite) : StorageTest(azurite)
{
    private static readonly byte[] Binary = [0x1f, 0x8b, 8, 0, 1, 2, 3];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_redacted_is_copied_as_it_is_or_not_at_all(bool isKept)
    {
        string name = $"binary-{Guid.NewGuid():n}";
        await PutAsync(name, BinaryData.FromBytes(Binary), new RedactionOptions { KeepUnreadable = isKept });

        var copy = Clients.Rejected.GetBlobClient(name);
        Assert.Equal(isKept, (await copy.ExistsAsync()).Value);
        if (isKept)
        {
            Assert.Equal(Binary, (await copy.DownloadContentAsync()).Value.Content.ToArray());
            Assert.Equal("no", ((BlobProperties)await copy.GetPropertiesAsync()).Metadata["redacted"]);
        }
    }

    [Fact]
    public async Task Text_is_copied_redacted_also_where_nothing_else_is_kept()
    {
        string name = $"text-{Guid.NewGuid():n}";
        await PutAsync(name, BinaryData.FromString("no format\npassword=hunter2\n"), new RedactionOptions { KeepUnreadable = false });

        Assert.Equal("no format\npassword=[redacted]\n", (await Clients.Rejected.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task Without_redaction_everything_is_copied_as_it_is()
    {
        string name = $"any-{Guid.NewGuid():n}";
        await PutAsync(name, BinaryData.FromBytes(Binary), new RedactionOptions { Enabled = false, KeepUnreadable = false });

        Assert.Equal(Binary, (await Clients.Rejected.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToArray());
    }

    private Task PutAsync(string name, BinaryData content, RedactionOptions options) => new RejectedSources(Clients, new Redactor(options), options).PutAsync(
        name, new ReceiptId(Clock.GetUtcNow(), Source(name)), name, "unknown format", _ => Task.FromResult(content.ToStream()), CancellationToken.None);
}
