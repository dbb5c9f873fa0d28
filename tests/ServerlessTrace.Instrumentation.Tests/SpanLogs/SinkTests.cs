using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.Instrumentation.SpanLogs;
using ServerlessTrace.Instrumentation.SpanLogs.Sinks;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Instrumentation.Tests.SpanLogs;

/// <summary>The sinks, on real files and real storage.</summary>
public sealed class SinkTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-sinks-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 2, 26, 18, 0, 0, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stream_gets_the_lines_and_stays_open_if_asked_to()
    {
        var stream = new MemoryStream();
        await using (var sink = new StreamSink(stream))
        {
            await sink.WriteAsync(Lines("a", "b"), default);
        }

        Assert.Equal("a\nb\n", Encoding.UTF8.GetString(stream.ToArray()));
        Assert.True(stream.CanWrite);
    }

    [Fact]
    public async Task A_logger_gets_a_line_a_record()
    {
        List<string> log = [];
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(new ListLog(log)));
        await using var sink = new LoggerSink(loggers.CreateLogger("spans"));

        await sink.WriteAsync(Lines("{\"a\":1}", "{\"b\":2}"), default);

        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], log);
    }

    [Fact]
    public async Task Files_end_by_length_and_age_and_the_oldest_are_deleted()
    {
        var options = new RollingFileSinkOptions { Folder = Path.Join(_folder, "logs"), Name = "shop", FileBytes = 10, KeptFiles = 2 };
        Directory.CreateDirectory(options.Folder);
        await File.WriteAllTextAsync(Path.Join(options.Folder, "other.ndjson"), "kept");
        await using (var sink = new RollingFileSink(options, _clock))
        {
            await sink.WriteAsync(Lines("1111"), default);
            await sink.WriteAsync(Lines("2222"), default);
            await sink.WriteAsync(Lines("3333"), default);
            _clock.Advance(TimeSpan.FromHours(1));
            await sink.WriteAsync(Lines("4"), default);
            await sink.WriteAsync(Lines("5"), default);
            Assert.Equal(2, Directory.GetFiles(options.Folder, "shop-*").Length);
        }

        string[] files = [.. Directory.GetFiles(options.Folder).Order(StringComparer.Ordinal)];
        Assert.Equal(["kept", "3333\n", "4\n5\n"], files.Select(File.ReadAllText));
        Assert.StartsWith("shop-20260226T190000-", Path.GetFileName(files[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_blobs_grow_and_end_by_appends_and_age()
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(AzuriteFixture.NewName());
        await using var sink = new AppendBlobSink(container, new AppendBlobSinkOptions { Name = "shop", BlobAppends = 2 }, _clock);
        await sink.WriteAsync(Lines("1"), default);
        await sink.WriteAsync(Lines("2"), default);
        await sink.WriteAsync(Lines("3"), default);
        _clock.Advance(TimeSpan.FromHours(1));
        await sink.WriteAsync(Lines("4"), default);

        Assert.Equal(["1\n2\n", "3\n", "4\n"], await ContentsAsync(container));
        BlobItem first = container.GetBlobs().First();
        Assert.Equal((BlobType.Append, "application/x-ndjson"), (first.Properties.BlobType, first.Properties.ContentType));
        Assert.StartsWith("shop/2026-02-26/180000-", first.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_is_not_made_twice()
    {
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06);
        var losing = new LosingAnswers();
        options.AddPolicy(losing, HttpPipelinePosition.PerRetry);
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        string name = AzuriteFixture.NewName();
        await using (var pipeline = new SpanLogPipeline(
            new AppendBlobSink(new BlobContainerClient(storage.ConnectionString, name, options), new AppendBlobSinkOptions { Name = "shop" }),
            new SpanLogPipelineOptions { RetryPause = TimeSpan.Zero }))
        {
            pipeline.Write("1\n"u8, 1);
            await pipeline.FlushAsync();
            losing.Next = true;
            pipeline.Write("2\n"u8, 1);
            await pipeline.FlushAsync();
            pipeline.Write("3\n"u8, 1);
            await pipeline.FlushAsync();
            Assert.Equal((3, 0), (pipeline.WrittenRecords, pipeline.DroppedRecords));
        }

        Assert.False(losing.Next);
        Assert.Equal(["1\n2\n3\n"], await ContentsAsync(storage.Blobs.GetBlobContainerClient(name)));
    }

    [Fact]
    public async Task A_blob_that_is_deleted_meanwhile_is_followed_by_another()
    {
        BlobContainerClient container = storage.Blobs.GetBlobContainerClient(AzuriteFixture.NewName());
        await using var pipeline = new SpanLogPipeline(
            new AppendBlobSink(container, new AppendBlobSinkOptions { Name = "shop" }), new SpanLogPipelineOptions { RetryPause = TimeSpan.Zero });
        pipeline.Write("1\n"u8, 1);
        await pipeline.FlushAsync();
        await container.DeleteBlobAsync(container.GetBlobs().Single().Name);

        pipeline.Write("2\n"u8, 1);
        await pipeline.FlushAsync();

        Assert.Equal(["2\n"], await ContentsAsync(container));
    }

    [Fact]
    public async Task Messages_hold_whole_lines_up_to_the_queues_limit()
    {
        QueueClient queue = storage.Queues.GetQueueClient(AzuriteFixture.NewName());
        await queue.CreateAsync();
        await using var pipeline = new SpanLogPipeline(new QueueSink(queue));
        byte[] lines = Lines([.. Enumerable.Range(0, 50).Select(i => $"{i:d2}{new string('x', 1_998)}")]);
        Assert.True(pipeline.Write(lines, 50));
        Assert.False(pipeline.Write(Lines(new string('y', 60_000)), 1));

        await pipeline.FlushAsync();

        QueueMessage[] messages = (await queue.ReceiveMessagesAsync(32)).Value;
        Assert.Equal(3, messages.Length);
        Assert.All(messages, message => Assert.True(message.Body.ToMemory().Length <= 48 << 10 && message.Body.ToString().EndsWith('\n')));
        Assert.Equal(Encoding.UTF8.GetString(lines), string.Concat(messages.Select(message => message.Body.ToString()).Order(StringComparer.Ordinal)));
        Assert.Equal(1, pipeline.DroppedRecords);
    }

    private static byte[] Lines(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => $"{line}\n")));

    private static async Task<List<string>> ContentsAsync(BlobContainerClient container)
    {
        List<string> contents = [];
        await foreach (BlobItem blob in container.GetBlobsAsync())
        {
            contents.Add((await container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString());
        }

        contents.Sort(StringComparer.Ordinal);
        return contents;
    }

    /// <summary>Loses an answer to an append: the client cannot tell whether it was made.</summary>
    private sealed class LosingAnswers : HttpPipelinePolicy
    {
        public bool Next { get; set; }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            if (Next && message.Request.Uri.Query.Contains("comp=appendblock", StringComparison.Ordinal))
            {
                Next = false;
                throw new IOException("connection reset");
            }
        }
    }

    private sealed class ListLog(List<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
