using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.LocalHost.Tests.Durable;

/// <summary>Counts what is sent to storage.</summary>
internal sealed class RequestCounter : HttpPipelineSynchronousPolicy
{
    private readonly List<string> _requests = [];

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public override void OnSendingRequest(HttpMessage message)
    {
        lock (_requests)
        {
            _requests.Add($"{message.Request.Method} {message.Request.Uri.ToUri().AbsolutePath}");
        }
    }
}
