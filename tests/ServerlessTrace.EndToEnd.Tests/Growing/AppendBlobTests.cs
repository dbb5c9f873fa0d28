using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Growing;

/// <summary>Append blobs are read as they grow, each byte once, and lose nothing at their end.</summary>
public sealed class AppendBlobTests : GrowingTest
{
    [Fact]
    public async Task A_blob_that_grows_in_the_middle_of_lines_is_read_on_from_where_it_was_left_also_after_a_restart()
    {
        byte[] content = Generate(600, 21);
        Dictionary<string, JsonObject> expected = await AnalyzeAsync(content);
        AppendBlobClient blob = await NewAppendBlobAsync("y=2026/PT1H.json");
        var random = new Random(3);
        int at = 0;
        async Task AppendUpToAsync(int end)
        {
            while (at < end)
            {
                int length = Math.Min(end - at, random.Next(1, 2 * content.Length / 60));
                await AppendAsync(blob, content.AsMemory(at, length));
                at += length;
                await Task.Delay(random.Next(40));
            }
        }

        await using (RunningService first = await RunningService.StartAsync(ConnectionString, Settings))
        {
            await AppendUpToAsync(content.Length / 2);
            await ReadToAsync(first, "y=2026/PT1H.json", 1);
        }

        await AppendUpToAsync(content.Length * 2 / 3);
        await using RunningService second = await RunningService.StartAsync(ConnectionString, Settings);
        await AppendUpToAsync(content.Length);

        List<JsonObject> receipts = await ReadToAsync(second, "y=2026/PT1H.json", content.Length);
        AssertCoveredOnce(receipts, content.Length);
        Assert.True(receipts.Count > 3, "It was read in one go.");
        Assert.Equal(Encoding.UTF8.GetString(content).Count(c => c == '\n'), receipts.Sum(receipt => (int)receipt["records"]!));
        Assert.All(receipts, receipt => Assert.Equal("complete", (string)receipt["state"]!));
        await AssertSameAsync(second, expected);
    }

    [Fact]
    public async Task What_is_incomplete_at_the_end_waits_is_then_rejected_and_is_read_when_it_is_completed_after_all()
    {
        string trace = Support.SpanLogs.NewTraceId();
        string first = Support.SpanLogs.Span(trace, "a000000000000001", "billing", "invoice", 0, 100);
        string late = Support.SpanLogs.Span(trace, "a000000000000002", "mailer", "send", 20, 30, parent: "a000000000000001");
        AppendBlobClient blob = await NewAppendBlobAsync("app.log");
        await using RunningService service = await RunningService.StartAsync(ConnectionString, Settings);

        await AppendAsync(blob, Encoding.UTF8.GetBytes(first + late[..100]));
        Assert.Equal(1, (int)(await service.TraceAsync(trace))["spanCount"]!);
        JsonObject complete = Assert.Single(await ReceiptsOfAsync(service, "app.log"));
        Assert.Equal("complete", (string)complete["state"]!);
        Assert.Equal(first.Length, (int)complete["range"]!["to"]!);

        List<JsonObject> rested = await Eventually.GetAsync(() => ReceiptsOfAsync(service, "app.log"), receipts => receipts.Count == 2, "The rest taken as it is");
        Assert.Equal("partial", (string)rested[1]["state"]!);
        JsonNode rejection = Assert.Single(rested[1]["rejections"]!.AsArray())!;
        Assert.Equal(3, (int)rejection["line"]!);
        Assert.Equal(first.Length, (int)rejection["offset"]!);
        Assert.Contains("cut off", (string)rejection["reason"]!, StringComparison.Ordinal);

        // Without its last line break: a record that is complete need not wait for one.
        await AppendAsync(blob, Encoding.UTF8.GetBytes(late[100..^1]));
        JsonObject whole = await service.TraceAsync(trace, json => (int)json["spanCount"]! == 2 && RunningService.IsSealed(json));
        Offline.AssertSame((await AnalyzeAsync(Encoding.UTF8.GetBytes(first + late)))[trace], whole);
    }

    [Fact]
    public async Task A_blob_that_replaces_another_is_read_from_its_start_and_removes_nothing()
    {
        byte[] old = Generate(60, 31);
        byte[] young = Generate(40, 32);
        await using RunningService service = await RunningService.StartAsync(ConnectionString, Settings);
        AppendBlobClient blob = await NewAppendBlobAsync("latest.log");
        await AppendAsync(blob, old);
        await ReadToAsync(service, "latest.log", old.Length);

        // The creation time tells them apart, and has a resolution of a second.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        await blob.DeleteAsync();
        await blob.CreateAsync(new AppendBlobCreateOptions());
        await AppendAsync(blob, young);

        await Eventually.GetAsync(
            async () => (await ReceiptsOfAsync(service, "latest.log")).Sum(receipt => (int)receipt["bytes"]!), bytes => bytes == old.Length + young.Length, "Both read");
        await AssertSameAsync(service, await AnalyzeAsync(old, young));
    }

    [Fact]
    public async Task Compressed_members_that_are_appended_are_all_read()
    {
        byte[] first = Generate(30, 41);
        byte[] second = Generate(30, 42);
        byte[] members = [.. Gzip(first), .. Gzip(second)];
        await using RunningService service = await RunningService.StartAsync(ConnectionString, Settings);
        AppendBlobClient blob = await NewAppendBlobAsync("traces.json.gz");

        await AppendAsync(blob, members.AsMemory(0, Gzip(first).Length));
        await ReadToAsync(service, "traces.json.gz", 1);
        await AppendAsync(blob, members.AsMemory(Gzip(first).Length, 500));
        await Task.Delay(300);
        await AppendAsync(blob, members.AsMemory(Gzip(first).Length + 500));

        await ReadToAsync(service, "traces.json.gz", members.Length);
        await AssertSameAsync(service, await AnalyzeAsync(first, second));
        Assert.All(await ReceiptsOfAsync(service, "traces.json.gz"), receipt => Assert.Equal("complete", (string)receipt["state"]!));
    }

    [Fact]
    public async Task An_array_that_is_closed_later_is_read_as_it_grows()
    {
        byte[] lines = Generate(60, 51);
        byte[] array = Encoding.UTF8.GetBytes($"[{string.Join(",\n", Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))}]");
        await using RunningService service = await RunningService.StartAsync(ConnectionString, Settings);
        AppendBlobClient blob = await NewAppendBlobAsync("array.json");

        for (int at = 0; at < array.Length;)
        {
            int length = Math.Min(array.Length - at, 15_001);
            await AppendAsync(blob, array.AsMemory(at, length));
            at += length;
            await Task.Delay(400);
        }

        List<JsonObject> receipts = await ReadToAsync(service, "array.json", array.Length - 1);
        Assert.Equal(0, receipts.Sum(receipt => (int)receipt["rejected"]!));
        await AssertSameAsync(service, await AnalyzeAsync(lines));
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var stream = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }
}
