using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.Posts;

/// <summary>A sender of OTLP posts, as a process of its own: its processor time is not the service's.</summary>
internal sealed class PostSender : IDisposable
{
    public const int SpansPerPost = 512;
    private readonly Process _process;

    private PostSender(Process process) => _process = process;

    public static PostSender Start(Uri service, string key) => new(OwnProcess.Start("posts-sender", service.ToString(), key));

    /// <summary>Generates posts, which are sent by <see cref="SendAsync"/>.</summary>
    /// <param name="posts">How many.</param>
    /// <param name="seed">Of their traces.</param>
    public async Task PrepareAsync(int posts, int seed)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{posts} {seed}"));
        await _process.StandardOutput.ReadLineAsync();
    }

    /// <summary>Sends what was prepared, and returns when each post was acknowledged, in the order in which they were prepared.</summary>
    /// <param name="inFlight">Posts at a time.</param>
    /// <param name="pauseMs">How many ms each sender pauses before a post on average.</param>
    public async Task<List<Acknowledgement>> SendAsync(int inFlight, int pauseMs = 0)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{inFlight} {pauseMs}"));
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The sender ended.");
        double[] numbers = [.. line.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return [.. numbers.Chunk(2).Select(pair => new Acknowledgement(pair[0], pair[1]))];
    }

    /// <summary>The sender's process: prepares and sends until standard input ends.</summary>
    public static async Task RunAsync(Uri service, string key)
    {
        using var http = new HttpClient { BaseAddress = service };
        http.DefaultRequestHeaders.Add("x-functions-key", key);
        while (await ReadAsync() is [var posts, var seed])
        {
            List<byte[]> bodies = Generate(posts, (ulong)seed);
            Console.WriteLine("ready");
            Acknowledgement[] times = await ReadAsync() is [var inFlight, var pauseMs] ? await PostAsync(http, bodies, inFlight, pauseMs) : [];
            Console.WriteLine(string.Join(' ', times.Select(time => string.Create(CultureInfo.InvariantCulture, $"{time.AfterMs:F2} {time.AtMs:F2}"))));
        }
    }

    /// <summary>A request of whole traces of the benchmark load, with at least so many spans.</summary>
    public static byte[] Request(int spans, ulong seed)
    {
        SpanLogGenerator generator = BenchmarkFiles.Generator(spans, seed);
        var writer = new OtlpProtobufWriter();
        var batch = new SpanBatch();
        var body = new ArrayBufferWriter<byte>();

        // Messages one behind another are one message (Protocol Buffers, "Encoding").
        while (generator.Next(batch))
        {
            writer.Write(batch, body, framed: false);
        }

        return body.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<int[]?> ReadAsync() =>
        await Console.In.ReadLineAsync() is { } line ? [.. line.Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture))] : null;

    private static List<byte[]> Generate(int posts, ulong seed) =>
        [.. Enumerable.Range(0, posts).Select(i => Request(SpansPerPost, seed + (ulong)i))];

    private static async Task<Acknowledgement[]> PostAsync(HttpClient http, List<byte[]> posts, int inFlight, int pauseMs)
    {
        var acknowledged = new Acknowledgement[posts.Count];
        var random = new Random(1);
        long begin = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(posts.Index(), new ParallelOptions { MaxDegreeOfParallelism = inFlight }, async (post, token) =>
        {
            if (pauseMs > 0)
            {
                await Task.Delay(random.Next(pauseMs / 3, pauseMs * 5 / 3), token);
            }

            using var content = new ByteArrayContent(post.Item);
            content.Headers.ContentType = new("application/x-protobuf");
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await http.PostAsync(new Uri("v1/traces", UriKind.Relative), content, token);
            response.EnsureSuccessStatusCode();
            acknowledged[post.Index] = new Acknowledgement(
                Stopwatch.GetElapsedTime(start).TotalMilliseconds, Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        });
        return acknowledged;
    }
}

/// <summary>When a post was acknowledged.</summary>
/// <param name="AfterMs">Milliseconds after it was sent.</param>
/// <param name="AtMs">Milliseconds after the first post was sent.</param>
internal readonly record struct Acknowledgement(double AfterMs, double AtMs);
