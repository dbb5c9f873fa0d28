using System.Diagnostics;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.Storage.Telemetry;

/// <summary>Counts what clients send to storage, for the metric; a host adds it to each client, for every retry.</summary>
/// <param name="service">What the clients are of: <c>table</c>, <c>blob</c> or <c>queue</c>.</param>
public sealed class StorageOperations(string service) : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        }
        finally
        {
            Count(message);
        }
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            ProcessNext(message, pipeline);
        }
        finally
        {
            Count(message);
        }
    }

    private void Count(HttpMessage message) => StorageTelemetry.Operations.Add(1, new TagList
    {
        { "service", service },
        { "http.request.method", message.Request.Method.Method },
        { "http.response.status_code", message.HasResponse ? message.Response.Status : 0 },
    });
}
