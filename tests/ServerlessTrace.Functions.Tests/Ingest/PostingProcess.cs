using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Functions.Ingest;
using ServerlessTrace.Functions.Ingest.Http;
using ServerlessTrace.Functions.Sealing;
using ServerlessTrace.Functions.Tests.Alerting;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Sealing;
using ServerlessTrace.Storage.Secrets;
using ServerlessTrace.Storage.Services;

namespace ServerlessTrace.Functions.Tests.Ingest;

/// <summary>What a process needs to ingest posts; it remembers nothing of an earlier one.</summary>
internal sealed class PostingProcess : IDisposable
{
    private readonly StartedInstances _durable = new();
    private readonly ServiceDirectory _services;
    private readonly ErasedTraces _erased;
    private readonly GroupCommitter _committer;
    private readonly SpanLogsFunction _spanLogs;
    private readonly ZipkinSpansFunction _zipkin;

    public PostingProcess(StorageClients clients, TimeProvider clock, HttpIntakeOptions? options = null)
    {
        var redactor = new Redactor(new RedactionOptions());
        _services = new ServiceDirectory(clients, clock);
        _erased = new ErasedTraces(clients, new ErasureKeyStore(clients), clock);
        options ??= new HttpIntakeOptions();
        var ingest = new IngestOptions();
        Load = new IntakeLoad(options);
        var intake = new SpanIntake(
            new ChunkStore(clients, clock, _erased),
            new ReceiptStore(clients),
            _services,
            new WindowStarter(new SealOptions(), clock, NullLogger<WindowStarter>.Instance),
            new RejectedSources(clients, redactor, new RedactionOptions()),
            redactor,
            _erased,
            ingest,
            clock,
            NullLogger<SpanIntake>.Instance);
        _committer = new GroupCommitter(intake, options, clock, NullLogger<GroupCommitter>.Instance);
        var reader = new PostReader(Load, options, ingest, redactor);
        _spanLogs = new SpanLogsFunction(reader, _committer, NullLogger<SpanLogsFunction>.Instance);
        _zipkin = new ZipkinSpansFunction(reader, _committer);
    }

    public IntakeLoad Load { get; }

    /// <summary>The window orchestrations that were started.</summary>
    public IReadOnlyCollection<object?> Windows => _durable.Inputs;

    public Task<HttpResponse> PostSpanLogsAsync(string body) => PostAsync(body, request => _spanLogs.PostAsync(request, _durable, CancellationToken.None));

    public Task<HttpResponse> PostZipkinAsync(string body) => PostAsync(body, request => _zipkin.PostAsync(request, _durable, CancellationToken.None));

    public void Dispose()
    {
        _committer.Dispose();
        _erased.Dispose();
        _services.Dispose();
    }

    private static async Task<HttpResponse> PostAsync(string body, Func<HttpRequest, Task<IResult>> post)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Request.Method = HttpMethods.Post;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        await (await post(context.Request)).ExecuteAsync(context);
        return context.Response;
    }
}
