using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.TestSupport.Faults;

/// <summary>Counts requests, remembers which they were, and makes the n-th fail.</summary>
internal sealed class RequestLog : HttpPipelinePolicy
{
    private readonly Lock _lock = new();
    private readonly List<string> _requests = [];
    private int _failing;
    private Fault _fault;
    private bool _dead;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _requests.Count;
            }
        }
    }

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Whether the fault has happened.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Forgets what was sent; no request fails from now on.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
            _failing = 0;
            _dead = false;
            HasFailed = false;
        }
    }

    /// <summary>Counts from here, and makes the n-th request fail, counted from 1.</summary>
    public void Fail(int n, Fault fault)
    {
        Clear();
        _failing = n;
        _fault = fault;
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The product is asynchronous throughout.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        bool fails;
        lock (_lock)
        {
            if (_dead)
            {
                throw new ProcessDiedException();
            }

            _requests.Add($"{message.Request.Method} {message.Request.Uri.Path}");
            fails = _requests.Count == _failing;
            HasFailed |= fails;
            _dead = fails && _fault != Fault.AnswerLost;
        }

        if (fails && _fault == Fault.DiesBefore)
        {
            throw new ProcessDiedException();
        }

        await ProcessNextAsync(message, pipeline);
        if (fails)
        {
            throw _fault == Fault.AnswerLost ? new IOException("The connection was closed before the answer came.") : new ProcessDiedException();
        }
    }
}
