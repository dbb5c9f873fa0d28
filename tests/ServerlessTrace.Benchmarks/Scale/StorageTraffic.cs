using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.Benchmarks.Scale;

/// <summary>Counts what clients send to storage: requests and bytes by what they go to.</summary>
internal sealed class StorageTraffic : HttpPipelineSynchronousPolicy
{
    private readonly ConcurrentDictionary<string, (long Requests, long Bytes)> _byTarget = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, (long Requests, long Bytes)> ByTarget => _byTarget;

    public long Requests => _byTarget.Values.Sum(target => target.Requests);

    public long Bytes => _byTarget.Values.Sum(target => target.Bytes);

    public void Clear() => _byTarget.Clear();

    public override void OnSendingRequest(HttpMessage message)
    {
        long bytes = message.Request.Content is { } content && content.TryComputeLength(out long length) ? length : 0;
        string path = message.Request.Uri.Path;
        string target = $"{message.Request.Method} {path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('(', '/', '?')[0]}";
        _byTarget.AddOrUpdate(target, (1, bytes), (_, sum) => (sum.Requests + 1, sum.Bytes + bytes));
    }
}
