using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Posts;

/// <summary>What is too much is refused in a way that senders understand.</summary>
public sealed class PostLimitTests : IAsyncLifetime
{
    private readonly OwnAzurite _azurite = new();

    private static readonly string[] AllWays = ["api/span-logs", "v1/traces", "zipkin/api/v2/spans"];

    public static TheoryData<string> Ways => new(AllWays);

    public Task InitializeAsync() => _azurite.InitializeAsync();

    public Task DisposeAsync() => _azurite.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_body_that_is_too_long_is_refused_whether_its_length_is_told_or_not(string way)
    {
        await using RunningService service = await StartAsync(("Ingest:Http:BodyBytes", "2000"));

        using HttpResponseMessage told = await service.PostAsync(way, new byte[2_001]);
        using HttpResponseMessage far = await service.PostAsync(way, new byte[20 << 20]);
        using var chunked = new ChunkedContent(new byte[2_001]);
        using HttpResponseMessage untold = await service.Http.PostAsync(new Uri(way, UriKind.Relative), chunked);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, told.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, far.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, untold.StatusCode);
        Assert.Equal(0, service.Host.Services.GetRequiredService<IntakeLoad>().Buffered);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_decompression_bomb_is_refused(string way)
    {
        await using RunningService service = await StartAsync(("Ingest:Http:DecompressedBytes", "1000000"));

        foreach (string coding in (string[])["gzip", "deflate"])
        {
            using HttpResponseMessage response = await service.PostAsync(way, Bomb(coding, 1_000_001), coding: coding);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("v1/traces")]
    [InlineData("zipkin/api/v2/spans")]
    public async Task A_bomb_beyond_the_usual_limit_is_refused_for_good_not_asked_to_come_again(string way)
    {
        await using RunningService service = await StartAsync();

        using HttpResponseMessage response = await service.PostAsync(way, Bomb("gzip", (64 << 20) + 1), coding: "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(0, service.Host.Services.GetRequiredService<IntakeLoad>().Buffered);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task When_memory_is_taken_senders_are_asked_to_come_again(string way)
    {
        await using RunningService service = await StartAsync(("Ingest:Http:BufferedBytes", "10000"));

        using HttpResponseMessage response = await service.PostAsync(way, new byte[20_000]);

        AssertToCome(response, HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task While_storage_is_gone_senders_are_asked_to_come_again()
    {
        string folder = Path.Combine(_azurite.Folder, "interrupted");
        AzuriteServer azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder });
        AzuritePorts ports = azurite.Ports;
        try
        {
            await using RunningService service = await RunningService.StartAsync(
                azurite.ConnectionString, new Dictionary<string, string> { ["Ingest:Http:StoreTimeout"] = "00:00:01" });
            await AssertAllAcceptedAsync(service);

            await azurite.DisposeAsync();
            foreach (string way in AllWays)
            {
                using HttpResponseMessage refused = await service.PostAsync(way, ValidBody(way));
                AssertToCome(refused, HttpStatusCode.ServiceUnavailable);
            }

            azurite = await AzuriteServer.StartAsync(new AzuriteOptions { Folder = folder, Ports = ports });
            await AssertAllAcceptedAsync(service);
        }
        finally
        {
            await azurite.DisposeAsync();
        }

        static async Task AssertAllAcceptedAsync(RunningService service)
        {
            foreach (string way in AllWays)
            {
                using HttpResponseMessage accepted = await service.PostAsync(way, ValidBody(way));
                Assert.True(accepted.IsSuccessStatusCode, $"{way}: {accepted.StatusCode}");
            }
        }
    }

    private static string ValidBody(string way)
    {
        string trace = SpanLogs.NewTraceId();
        return way switch
        {
            "v1/traces" => $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{{trace}}}","spanId":"a000000000000001","name":"limited","startTimeUnixNano":"1772128800000000000"}]}]}]}""",
            "zipkin/api/v2/spans" => $$"""[{"traceId":"{{trace}}","id":"a000000000000001","name":"limited","timestamp":1470150004008762}]""",
            _ => SpanLogs.Span(trace, "a000000000000001", "limits", way, 0, 10),
        };
    }

    private static void AssertToCome(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 30);
    }

    private static byte[] Bomb(string coding, int length)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = coding == "gzip" ? new GZipStream(compressed, CompressionMode.Compress) : new ZLibStream(compressed, CompressionMode.Compress))
        {
            stream.Write(Encoding.UTF8.GetBytes(new string(' ', length)));
        }

        return compressed.ToArray();
    }

    private Task<RunningService> StartAsync(params (string Name, string Value)[] settings) =>
        RunningService.StartAsync(_azurite.ConnectionString, settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    /// <summary>A body whose length is not told.</summary>
    private sealed class ChunkedContent : ByteArrayContent
    {
        public ChunkedContent(byte[] content)
            : base(content) => Headers.ContentType = new MediaTypeHeaderValue("application/json");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
