using System.Diagnostics;
using System.Globalization;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// Posts that are stored together. A post of span logs has a receipt of its own, whose URL its sender gets. Senders of OTLP and Zipkin spans are answered what is wrong at
/// once, and may send thousands of posts a minute: those of a kind share a receipt. Not thread-safe.
/// </summary>
internal sealed class PostGroup(DateTimeOffset begunAt, int expected) : IDisposable
{
    private readonly List<Post> _posts = [];
    private readonly List<ActivityLink> _producers = [];
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>32 lower-case hex digits.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("n");

    /// <summary>The identity of the group as a source.</summary>
    public SourceId Source => SourceId.OfPosts(Id);

    /// <summary>The posts, in the order in which they came.</summary>
    public IReadOnlyList<Post> Posts => _posts;

    /// <summary>The contexts of the requests.</summary>
    public IReadOnlyList<ActivityLink> Producers => _producers;

    /// <summary>Bytes of memory that the posts hold.</summary>
    public long Size { get; private set; }

    /// <summary>Completed when no more posts fit in.</summary>
    public Task Full => _full.Task;

    /// <summary>Completed when as many posts are there as are expected.</summary>
    public Task Gathered => _gathered.Task;

    /// <summary>Completed when all is durable; failed where it is not.</summary>
    public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds the post of the request that is being handled.</summary>
    public void Add(Post post)
    {
        _posts.Add(post);
        Size += post.Size;
        if (_posts.Count >= expected)
        {
            _gathered.TrySetResult();
        }

        if (_producers.Count < ProducerContexts.Kept && Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } request)
        {
            _producers.Add(new ActivityLink(request.Context));
        }
    }

    /// <summary>Waits for no more posts.</summary>
    public void Close()
    {
        _full.TrySetResult();
        _gathered.TrySetResult();
    }

    /// <summary>The receipt that a post is counted in.</summary>
    public ReceiptId ReceiptOf(Post post) => post.Kind == PostKind.SpanLogs
        ? new ReceiptId(begunAt, SourceId.OfPosts(Id, "post", _posts.IndexOf(post)))
        : new ReceiptId(begunAt, SourceId.OfPosts(Id, "kind", (int)post.Kind));

    /// <summary>Counts the posts by receipt.</summary>
    public IReadOnlyList<PostReceipt> Receipts(Func<ReceiptBuilder> begin, ErasedTraces erased)
    {
        var receipts = new List<PostReceipt>();
        foreach (IGrouping<ReceiptId, Post> shared in _posts.GroupBy(ReceiptOf))
        {
            ReceiptBuilder builder = begin();
            int posts = 0;
            foreach (Post post in shared)
            {
                posts++;
                builder.AddSpans(post.Batch, erased, post.Redacted);
                builder.AddRead(post.Read, post.Failure, post.Bytes, post.DecompressedBytes, post.Compression);
            }

            string source = shared.First().Name;
            receipts.Add(new PostReceipt(shared.Key, posts == 1 ? source : string.Create(CultureInfo.InvariantCulture, $"{source} ({posts} requests)"), builder));
        }

        return receipts;
    }

    /// <summary>The spans of all posts, in the batch of the first.</summary>
    public SpanBatch Merge()
    {
        SpanBatch all = _posts[0].Batch;
        if (_posts.Count > 1)
        {
            var copy = new SpanBatchCopy();
            foreach (Post post in _posts.Skip(1))
            {
                copy.Begin(post.Batch, all);
                foreach (ref readonly SpanRecord span in post.Batch.Spans)
                {
                    copy.Add(in span);
                }
            }
        }

        return all;
    }

    public void Dispose() => _posts.ForEach(static post => post.Dispose());
}

/// <summary>A receipt of a group.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">What it calls the posts.</param>
/// <param name="Builder">What is counted.</param>
internal sealed record PostReceipt(ReceiptId Id, string Source, ReceiptBuilder Builder);
