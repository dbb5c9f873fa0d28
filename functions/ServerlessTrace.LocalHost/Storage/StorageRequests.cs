using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.LocalHost.Storage;

/// <summary>
/// Counts what a host sends to storage, retries included, a transaction as one; and tells when one of its own clients has put a
/// message on a queue, so that a listener in the same host need not wait for its next look.
/// </summary>
public sealed class StorageRequests : HttpPipelinePolicy
{
    private readonly ConcurrentDictionary<string, StrongCount> _byOperation = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Action> _listeners = new(StringComparer.Ordinal);
    private long _total;

    /// <summary>Requests sent so far.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Requests sent so far by HTTP method and what they went to, such as <c>POST $batch</c> or <c>GET span-logs</c>.</summary>
    public IReadOnlyDictionary<string, long> ByOperation =>
        _byOperation.ToDictionary(pair => pair.Key, pair => Interlocked.Read(ref pair.Value.Value), StringComparer.Ordinal);

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ArgumentNullException.ThrowIfNull(message);
        Count(message.Request);
        await ProcessNextAsync(message, pipeline);
        Notice(message);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ArgumentNullException.ThrowIfNull(message);
        Count(message.Request);
        ProcessNext(message, pipeline);
        Notice(message);
    }

    internal void OnMessageSent(string queue, Action listener) => _listeners[queue] = listener;

    // http://127.0.0.1:10001/account/queue/messages; https://account.queue.core.windows.net/queue/messages
    private static ReadOnlySpan<char> ResourceOf(string path)
    {
        ReadOnlySpan<char> rest = path.AsSpan().TrimStart('/');
        const string emulator = "devstoreaccount1/";
        if (rest.StartsWith(emulator))
        {
            rest = rest[emulator.Length..];
        }

        int end = rest.IndexOfAny('/', '(', '?');
        return end < 0 ? rest : rest[..end];
    }

    private void Count(Request request)
    {
        Interlocked.Increment(ref _total);
        string operation = $"{request.Method} {ResourceOf(request.Uri.Path)}";
        Interlocked.Increment(ref _byOperation.GetOrAdd(operation, static _ => new StrongCount()).Value);
    }

    private void Notice(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Post && message.HasResponse && message.Response.Status == 201
            && message.Request.Uri.Path.EndsWith("/messages", StringComparison.Ordinal)
            && _listeners.TryGetValue(ResourceOf(message.Request.Uri.Path).ToString(), out Action? listener))
        {
            listener();
        }
    }

    private sealed class StrongCount
    {
        public long Value;
    }
}
