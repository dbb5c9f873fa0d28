using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Sampling;
using ServerlessTrace.Functions.Alerting;
using ServerlessTrace.Functions.Alerting.Webhooks;
using ServerlessTrace.Functions.Api;
using ServerlessTrace.Functions.Api.Correlations;
using ServerlessTrace.Functions.Api.Statistics;
using ServerlessTrace.Functions.Api.Traces;
using ServerlessTrace.Functions.Erasure;
using ServerlessTrace.Functions.Forwarding;
using ServerlessTrace.Functions.Ingest;
using ServerlessTrace.Functions.Ingest.Blobs;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Progress;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Retention;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Services;
using ServerlessTrace.Storage.Traces;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Hosting;

/// <summary>What the functions need, for both hosts.</summary>
public static class ServerlessTraceServices
{
    /// <summary>
    /// Adds the product's services. The host adds <see cref="TableServiceClient"/>, <see cref="BlobServiceClient"/> and
    /// <see cref="QueueServiceClient"/> of one storage account. Options come from the sections <c>Seal</c>, <c>Business</c>, <c>Latency</c>, <c>Ingest</c>, <c>Ingest:Http</c>, <c>Erasure</c>, <c>Forward</c>, <c>Redaction</c>,
    /// <c>Retention</c>, <c>Sampling</c> and <c>Webhooks</c>.
    /// </summary>
    public static IServiceCollection AddServerlessTrace(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<SealOptions>().Bind(configuration.GetSection("Seal")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ForwardOptions>().Bind(configuration.GetSection("Forward")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<IngestOptions>().Bind(configuration.GetSection("Ingest")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<BusinessOptions>().Bind(configuration.GetSection("Business")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HttpIntakeOptions>().Bind(configuration.GetSection("Ingest:Http")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetentionOptions>().Bind(configuration.GetSection("Retention")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SamplingOptions>().Bind(configuration.GetSection("Sampling")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RedactionOptions>().Bind(configuration.GetSection("Redaction")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<HttpIntakeOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RedactionOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SamplingOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RetentionOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SealOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ForwardOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<IngestOptions>>().Value);
        services.AddOptions<LatencyOptions>().Bind(configuration.GetSection("Latency")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<BusinessOptions>>().Value.ToAnalysis() with
        {
            MeasuredAttributes = provider.GetRequiredService<IOptions<LatencyOptions>>().Value.Attributes,
        });
        services.AddAlerts(configuration);
        services.AddWebhooks(configuration);
        services.AddErasure(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddHealthChecks();
        services.AddSingleton<ServiceHealth>();
        services.AddSingleton<IStartupFilter, PrivateAnswers>();

        services.AddSingleton(provider => new StorageClients(
            provider.GetRequiredService<TableServiceClient>(),
            provider.GetRequiredService<BlobServiceClient>(),
            provider.GetRequiredService<QueueServiceClient>()));
        services.AddHostedService<StorageSetup>();
        services.AddSingleton<ChunkStore>();
        services.AddSingleton<TraceStore>();
        services.AddSingleton<BlockStore>();
        services.AddSingleton<AggregateStore>();
        services.AddSingleton<BlockCompaction>();
        services.AddSingleton<BusinessIndex>();
        services.AddSingleton<OpenValues>();
        services.AddSingleton<ReceiptStore>();
        services.AddSingleton<UsageStore>();
        services.AddSingleton<DroppedTraces>();
        services.AddSingleton<ServiceDirectory>();
        services.AddSingleton<ShardSealer>();
        services.AddSingleton<WindowStarter>();
        services.AddSingleton<ForwardOutbox>();
        services.AddSingleton<ForwardStarter>();
        services.AddSingleton<OtlpReceiverClient>();
        services.AddSingleton<TraceForwarder>();
        services.AddSingleton<BlobProgressStore>();
        services.AddSingleton<ContainerPassStore>();
        services.AddSingleton<Redactor>();
        services.AddSingleton<RejectedSources>();
        services.AddSingleton<SpanIntake>();
        services.AddSingleton<BlobParts>();
        services.AddSingleton<BlobIngest>();
        services.AddSingleton<BlobsToRead>();
        services.AddSingleton<MissedBlobs>();
        services.AddSingleton<IntakeLoad>();
        services.AddSingleton<PostReader>();
        services.AddSingleton<GroupCommitter>();
        services.AddRetention();
        services.AddSingleton<TraceLoader>();
        services.AddSingleton<TraceView>();
        services.AddSingleton<TraceSearch>();
        services.AddSingleton<WholeTraces>();
        services.AddSingleton<RecentNames>();
        services.AddSingleton<SlowTraces>();
        services.AddSingleton<CorrelatedTraces>();
        return services;
    }

    /// <summary>What is deleted when it is old, in this order: running orchestrations know a step by its place, so that new ones go to the end.</summary>
    private static void AddRetention(this IServiceCollection services)
    {
        services.AddSingleton<IRetentionStep, UsageRetention>();
        services.AddSingleton<IRetentionStep, ExpiredTraces>();
        services.AddSingleton<IRetentionStep, ExpiredReceipts>();
        services.AddSingleton<IRetentionStep, ExpiredRejected>();
        services.AddSingleton<IRetentionStep, ExpiredPoison>();
        services.AddSingleton<IRetentionStep, ExpiredChunks>();
        services.AddSingleton<IRetentionStep, ExpiredRawLogs>();
        services.AddSingleton<IRetentionStep, UnnamedSpills>();
        services.AddSingleton<IRetentionStep, ExpiredBusinessKeys>();
        services.AddSingleton<IRetentionStep, ExpiredDeliveries>();
        services.AddSingleton<IRetentionStep, ExpiredAlerts>();
        services.AddSingleton<IRetentionStep, ExpiredErasures>();
        services.AddSingleton<IRetentionStep, ExpiredForwarding>();
    }
}
