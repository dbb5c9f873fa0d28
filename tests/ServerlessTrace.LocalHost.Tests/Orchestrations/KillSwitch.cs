using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>Counts what an engine sends to storage, and cuts it off: what <c>kill -9</c> does, as far as storage can tell.</summary>
internal sealed class KillSwitch : HttpPipelineSynchronousPolicy
{
    private readonly ConcurrentQueue<string> _requests = new();
    private volatile bool _isOff;

    public IReadOnlyList<string> Requests => [.. _requests];

    public void Kill() => _isOff = true;

    public override void OnSendingRequest(HttpMessage message)
    {
        if (_isOff)
        {
            throw new RequestFailedException(503, "The host is dead.");
        }

        _requests.Enqueue($"{message.Request.Method} {message.Request.Uri.ToUri().AbsolutePath}");
    }
}
