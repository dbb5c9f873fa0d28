using System.Text;
using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.Instrumentation.SpanLogs;

namespace ServerlessTrace.Instrumentation.Tests.SpanLogs;

public sealed class SpanLogPipelineTests : IAsyncDisposable
{
    private static readonly byte[] Line = Encoding.UTF8.GetBytes($"{new string('x', 999)}\n");

    /// <summary>Room for two batches of ten lines; nothing is flushed by time.</summary>
    private static readonly SpanLogPipelineOptions Small = new()
    {
        BatchBytes = 10_000, BufferedBytes = 20_000, FlushInterval = TimeSpan.FromDays(1), RetryPause = TimeSpan.Zero, ShutdownTimeout = TimeSpan.FromSeconds(1),
    };

    private readonly MemorySink _sink = new();

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    [Fact]
    public async Task Records_are_written_in_batches()
    {
        await using var pipeline = new SpanLogPipeline(_sink, Small with { BufferedBytes = 1 << 20 });
        for (int i = 0; i < 95; i++)
        {
            Assert.True(pipeline.Write(Line, 1));
        }

        await pipeline.FlushAsync();
        Assert.Equal((95_000, 95), (_sink.Bytes.Length, pipeline.WrittenRecords));
        Assert.Equal(10, _sink.Writes);
    }

    [Fact]
    public async Task A_record_that_comes_alone_is_written_after_the_interval()
    {
        var clock = new FakeTimeProvider();
        await using var pipeline = new SpanLogPipeline(_sink, Small with { FlushInterval = TimeSpan.FromSeconds(1) }, clock);
        pipeline.Write(Line, 1);
        Assert.Equal(0, _sink.Writes);

        clock.Advance(TimeSpan.FromSeconds(1));

        await WaitAsync(() => pipeline.WrittenRecords == 1);
    }

    [Fact]
    public async Task While_the_sink_is_slow_what_has_no_room_is_dropped_and_counted()
    {
        var slow = new TaskCompletionSource();
        _sink.Gate = slow.Task;
        await using var pipeline = new SpanLogPipeline(_sink, Small);

        int taken = Enumerable.Range(0, 1_000).Count(_ => pipeline.Write(Line, 1));

        Assert.Equal(20, taken);
        Assert.Equal(1_000 - taken, pipeline.DroppedRecords);
        slow.SetResult();
        await pipeline.FlushAsync();
        Assert.Equal((taken, true), (pipeline.WrittenRecords, pipeline.Write(Line, 1)));
    }

    [Fact]
    public async Task Who_wants_everything_waits_for_room()
    {
        var slow = new TaskCompletionSource();
        _sink.Gate = slow.Task;
        await using var pipeline = new SpanLogPipeline(_sink, Small with { WhenFull = WhenFull.Wait, MaxWait = TimeSpan.FromMinutes(5) });
        Task writing = Task.Run(() => Assert.All(Enumerable.Range(0, 1_000), _ => Assert.True(pipeline.Write(Line, 1))));
        await WaitAsync(() => _sink.Writes > 0);
        Assert.False(writing.IsCompleted);

        slow.SetResult();

        await writing;
        await pipeline.FlushAsync();
        Assert.Equal((1_000, 0), (pipeline.WrittenRecords, pipeline.DroppedRecords));
    }

    [Fact]
    public async Task But_not_for_ever()
    {
        _sink.Gate = new TaskCompletionSource().Task;
        await using var pipeline = new SpanLogPipeline(_sink, Small with { WhenFull = WhenFull.Wait, MaxWait = TimeSpan.FromMilliseconds(1) });

        Assert.Contains(false, Enumerable.Range(0, 100).Select(_ => pipeline.Write(Line, 1)));
    }

    [Fact]
    public async Task A_write_that_fails_is_tried_again()
    {
        _sink.Failures = 4;
        await using var pipeline = new SpanLogPipeline(_sink, Small);
        pipeline.Write(Line, 1);

        await pipeline.FlushAsync();

        Assert.Equal((1, 0, 5), (pipeline.WrittenRecords, pipeline.DroppedRecords, _sink.Writes));
    }

    [Fact]
    public async Task A_batch_that_fails_to_the_last_try_is_dropped_and_the_next_is_written()
    {
        _sink.Failures = 5;
        await using var pipeline = new SpanLogPipeline(_sink, Small);
        pipeline.Write(Line, 1);
        await pipeline.FlushAsync();
        pipeline.Write(Line, 1);
        await pipeline.FlushAsync();

        Assert.Equal((1, 1), (pipeline.WrittenRecords, pipeline.DroppedRecords));
    }

    [Fact]
    public async Task A_record_too_long_for_the_sink_is_dropped_and_its_neighbours_are_not()
    {
        await using var pipeline = new SpanLogPipeline(_sink, Small with { BufferedBytes = 1 << 20 });
        byte[] records = [.. Line, .. Enumerable.Repeat((byte)'y', 200_000), (byte)'\n', .. Line];

        Assert.False(pipeline.Write(records, 3));

        await pipeline.FlushAsync();
        Assert.Equal((2, 1, 2_000), (pipeline.WrittenRecords, pipeline.DroppedRecords, _sink.Bytes.Length));
    }

    [Fact]
    public async Task At_the_end_what_is_buffered_is_written_and_the_sink_disposed()
    {
        var pipeline = new SpanLogPipeline(_sink, Small);
        pipeline.Write(Line, 1);

        await pipeline.DisposeAsync();
        await pipeline.DisposeAsync();

        Assert.Equal((1, true, false), (pipeline.WrittenRecords, _sink.IsDisposed, pipeline.Write(Line, 1)));
        await pipeline.FlushAsync();
    }

    [Fact]
    public async Task A_sink_that_hangs_does_not_keep_the_process_from_ending()
    {
        _sink.Gate = new TaskCompletionSource().Task;
        var pipeline = new SpanLogPipeline(_sink, Small with { ShutdownTimeout = TimeSpan.FromMilliseconds(50) });
        pipeline.Write(Line, 1);

        await pipeline.DisposeAsync();

        Assert.Equal((0, 1), (pipeline.WrittenRecords, pipeline.DroppedRecords));
    }

    [Fact]
    public async Task Many_threads_write_whole_lines()
    {
        await using var pipeline = new SpanLogPipeline(_sink, Small with { WhenFull = WhenFull.Wait, MaxWait = TimeSpan.FromMinutes(5) });

        Parallel.For(0, 8, thread =>
        {
            byte[] line = Encoding.UTF8.GetBytes($"{new string((char)('a' + thread), 99)}\n");
            for (int i = 0; i < 500; i++)
            {
                Assert.True(pipeline.Write(line, 1));
            }
        });

        await pipeline.FlushAsync();
        string[] lines = Encoding.UTF8.GetString(_sink.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4_000, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length == 99 && line.Distinct().Count() == 1));
    }

    private static async Task WaitAsync(Func<bool> isDone)
    {
        for (DateTime end = DateTime.UtcNow.AddMinutes(1); !isDone();)
        {
            Assert.True(DateTime.UtcNow < end, "What was waited for did not happen.");
            await Task.Delay(10);
        }
    }
}
