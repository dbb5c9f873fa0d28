using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Growing;

/// <summary>A blob longer than one invocation reads is read in ranges, whatever happens between them.</summary>
public sealed class HugeBlobTests : GrowingTest
{
    [Fact]
    public async Task A_blob_is_read_in_ranges_though_its_hosts_are_killed()
    {
        byte[] content = Generate(4_000, 81);
        Dictionary<string, JsonObject> expected = await AnalyzeAsync(content);
        (string, string)[] settings = [("Ingest__RangeBytes", "65536"), ("Ingest__ClaimPeriod", "00:00:02"), ("Seal__QuietPeriod", "00:00:02")];
        HostProcess host = await HostProcess.StartAsync(ConnectionString, Folder, settings);
        try
        {
            await host.Service.DropAsync("huge.ndjson", BinaryData.FromBytes(content));
            for (int kills = 0; kills < 2; kills++)
            {
                int known = (await ReceiptsOfAsync(host.Service, "huge.ndjson")).Count;
                await Eventually.GetAsync(() => ReceiptsOfAsync(host.Service, "huge.ndjson"), receipts => receipts.Count > known + 3, "Some ranges");
                await host.KillAsync();
                host = await HostProcess.StartAsync(ConnectionString, Folder, settings);
            }

            List<JsonObject> receipts = await ReadToAsync(host.Service, "huge.ndjson", content.Length);
            AssertCoveredOnce(receipts, content.Length);
            Assert.InRange(receipts.Count, content.Length / 65_536, (content.Length / 60_000) + 1);
            Assert.Equal(Encoding.UTF8.GetString(content).Count(c => c == '\n'), receipts.Sum(receipt => (int)receipt["records"]!));
            Assert.All(receipts, receipt => Assert.Equal("complete", (string)receipt["state"]!));
            await AssertSameAsync(host.Service, expected);
        }
        catch (Xunit.Sdk.XunitException exception)
        {
            throw new Xunit.Sdk.XunitException($"{exception.Message}\nThe last host said:\n{host.Output}", exception);
        }
        finally
        {
            await host.DisposeAsync();
        }
    }
}
