using System.Net;
using System.Reflection;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;
using ServerlessTrace.LocalHost.Configuration;
using ServerlessTrace.LocalHost.Invocation;
using ServerlessTrace.LocalHost.Orchestrations;
using ServerlessTrace.LocalHost.Storage;
using ServerlessTrace.LocalHost.Triggers;
using ServerlessTrace.LocalHost.Triggers.Blobs;
using ServerlessTrace.LocalHost.Triggers.Http;
using ServerlessTrace.LocalHost.Triggers.Queues;
using ServerlessTrace.LocalHost.Triggers.Timers;

namespace ServerlessTrace.LocalHost;

/// <summary>
/// Runs functions on one machine as the platform does: HTTP, queue, blob, timer, orchestration and activity triggers, on any storage
/// account. Several hosts may share an account; they then share the work.
/// </summary>
public sealed class LocalFunctionHost : IAsyncDisposable
{
    private readonly LocalFunctionHostOptions _options;
    private readonly StorageAccount _account;
    private readonly WebApplication _app;
    private readonly ILogger _logger;
    private readonly List<QueuePump> _pumps = [];
    private readonly List<TimerListener> _timers = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();

    // Created at the start: whoever wants to drop something in expects the place to be there.
    private readonly List<QueueClient> _queues = [];
    private readonly List<BlobContainerClient> _containers = [];
    private BlobLister? _lister;
    private Task _primary = Task.CompletedTask;
    private readonly bool _hasOrchestrations;
    private bool _started;
    private bool _stopped;

    private LocalFunctionHost(LocalFunctionHostOptions options)
    {
        _options = options;
        _account = new StorageAccount(options.StorageConnectionString, options.HostJson.Queues.MessageEncoding);
        IReadOnlyList<HostedFunction> functions = FunctionCatalog.Find(options.FunctionClasses);
        if (options.HostJson.Functions is { } chosen)
        {
            functions = [.. functions.Where(function => chosen.Contains(function.Name))];
        }

        FunctionNames = [.. functions.Select(function => function.Name)];
        _hasOrchestrations = functions.Any(function => function.Trigger is OrchestrationTriggerAttribute or ActivityTriggerAttribute);
        _app = Build(options, _account, OrchestrationFunctions.Register(functions), _hasOrchestrations);
        _logger = _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<LocalFunctionHost>();
        FunctionEndpoint[] endpoints = [.. With<HttpTriggerAttribute>(functions).Select(function => new FunctionEndpoint(function, options.HostJson.RoutePrefix))];
        new FunctionRouting(options.Keys, options.IntakeRefusal, _logger, _aborting.Token).Map(_app, endpoints);
        AddQueueFunctions(functions);
        AddBlobFunctions(functions);
        AddTimerFunctions(functions);
    }

    /// <summary>Where HTTP functions are.</summary>
    public Uri BaseAddress { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>The keys of HTTP functions.</summary>
    public FunctionKeys Keys => _options.Keys;

    /// <summary>The functions that run.</summary>
    public IReadOnlyList<string> FunctionNames { get; }

    /// <summary>What the clients that this host made have sent to storage.</summary>
    public StorageRequests StorageRequests => _account.Requests;

    /// <summary>The services of the functions.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Builds a host and starts all its listeners.</summary>
    /// <exception cref="HostStartException">A function is wrong, the port is in use, or storage cannot be reached.</exception>
    public static async Task<LocalFunctionHost> StartAsync(LocalFunctionHostOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new LocalFunctionHost(options);
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes nothing more, finishes what runs (within the limit), and hands over to other hosts.</summary>
    public async Task StopAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        Task[] noMore = [_stopping.CancelAsync(), .. _pumps.Select(pump => pump.StopTakingAsync())];
        Task requests = StopRequestsAsync();
        await Task.WhenAll(noMore);
        Task[] ends = [.. _pumps.Select(pump => pump.DrainAsync(_options.DrainLimit)), _primary, requests];
        Task all = Task.WhenAll(ends);
        if (await Task.WhenAny(all, Task.Delay(_options.DrainLimit)) != all)
        {
            Log.DrainIncomplete(_logger);
            await _aborting.CancelAsync();
            await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(3)));
        }

        // Last, because what was just drained may still have started orchestrations.
        if (_started && _hasOrchestrations)
        {
            await _app.Services.GetRequiredService<OrchestrationEngine>().StopAsync(_aborting.Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        _pumps.ForEach(static pump => pump.Dispose());
        _stopping.Dispose();
        _aborting.Dispose();
    }

    /// <summary>Starts and looks up orchestrations.</summary>
    public DurableTaskClient DurableClient => _app.Services.GetRequiredService<DurableTaskClient>();

    private static IEnumerable<HostedFunction> With<TTrigger>(IEnumerable<HostedFunction> functions)
        where TTrigger : Attribute => functions.Where(function => function.Trigger is TTrigger);

    private static WebApplication Build(LocalFunctionHostOptions options, StorageAccount account, OrchestrationRegistry orchestrations, bool hasOrchestrations)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(options.Settings);
        builder.Configuration[LocalFunctionHostOptions.StorageSetting] = options.StorageConnectionString;
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        options.ConfigureLogging(builder.Logging);

        // It logs what it throws; whoever started this host is told once, in a line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBodyBytes;
            kestrel.AddServerHeader = false;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainLimit);
        builder.Services.AddRouting();
        builder.Services.AddSingleton(options.TimeProvider);
        builder.Services.AddSingleton(account.Blobs);
        builder.Services.AddSingleton(account.Queues);
        builder.Services.AddSingleton(account.Tables);
        builder.Services.AddSingleton(services => OrchestrationFunctions.CreateEngine(orchestrations, options, account, services));
        builder.Services.AddSingleton(services => services.GetRequiredService<OrchestrationEngine>().Client);
        builder.Services.AddHealthChecks().AddCheck("local-storage", new IntakeHealthCheck(options.IntakeRefusal));
        builder.Services.AddSingleton<IHostLifetime, SignalsLeftToTheCommand>();
        options.ConfigureServices(builder.Services, builder.Configuration);
        if (hasOrchestrations)
        {
            builder.Services.AddHostedService<EngineStart>();
        }

        return builder.Build();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await PrepareStorageAsync(cancellationToken);
        try
        {
            await _app.StartAsync(cancellationToken);
            _started = true;
        }
        catch (OptionsValidationException wrong)
        {
            throw new HostStartException($"A setting is wrong: {string.Join(' ', wrong.Failures)}", wrong);
        }
        catch (IOException inUse) when (inUse.InnerException is AddressInUseException)
        {
            throw new HostStartException(
                $"Port {_options.Port} is in use by another program: stop that program, or choose another port with --port N.", inUse);
        }

        BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        foreach (QueuePump pump in _pumps)
        {
            pump.Start();
        }

        if (_lister is not null || _timers.Count > 0)
        {
            BlobContainerClient hosts = _account.Blobs.GetBlobContainerClient("azure-webjobs-hosts");
            var lease = new PrimaryLease(hosts, $"locks/{_options.HostId}/primary", _logger);
            _primary = lease.RunAsync(RunPrimaryWorkAsync, _stopping.Token);
        }
    }

    private async Task PrepareStorageAsync(CancellationToken cancellationToken)
    {
        await _account.CheckItAnswersAsync(cancellationToken);
        try
        {
            foreach (QueueClient queue in _queues)
            {
                await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            }

            foreach (BlobContainerClient container in _containers)
            {
                await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            }
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException)
        {
            string reason = failure.GetBaseException().Message.Split('\n')[0].Trim();
            throw new HostStartException($"The storage account cannot be used ({reason}): check the connection string and that the storage runs.", failure);
        }
    }

    private Task RunPrimaryWorkAsync(CancellationToken whilePrimary) => Task.WhenAll(
    [
        _lister?.RunAsync(whilePrimary) ?? Task.CompletedTask,
        .. _timers.Select(timer => timer.RunAsync(whilePrimary, _aborting.Token)),
    ]);

    private void AddQueueFunctions(IReadOnlyList<HostedFunction> functions)
    {
        QueueSettings settings = _options.HostJson.Queues;
        foreach (HostedFunction function in With<QueueTriggerAttribute>(functions))
        {
            var invoker = new FunctionInvoker(function, QueueTriggerBinding.For(function));
            string name = SettingReferences.Resolve(((QueueTriggerAttribute)function.Trigger).QueueName, _app.Configuration, function);
            QueueClient queue = _account.Queues.GetQueueClient(name);
            _queues.Add(queue);
            AddPump(
                new QueuePumpOptions
                {
                    Name = function.Name,
                    Queue = queue,
                    Poison = _account.Queues.GetQueueClient(name + "-poison"),
                    BatchSize = settings.BatchSize,
                    NewBatchThreshold = settings.NewBatchThreshold,
                    MaxDequeueCount = settings.MaxDequeueCount,
                    VisibilityTimeout = settings.VisibilityTimeout,
                    MaxPollingInterval = settings.MaxPollingInterval,
                    FunctionTimeout = _options.HostJson.FunctionTimeout,
                    MayTake = MayTake,
                },
                (message, cancel) => invoker.RunInScopeAsync(_app.Services, scope => new FunctionRun(message, scope, cancel)));
        }
    }

    private void AddBlobFunctions(IReadOnlyList<HostedFunction> functions)
    {
        BlobFunction[] blobFunctions = [.. With<BlobTriggerAttribute>(functions).Select(function => new BlobFunction(function, _app.Configuration))];
        if (blobFunctions.Length == 0)
        {
            return;
        }

        BlobSettings settings = _options.HostJson.Blobs;
        QueueClient queue = _account.PlainQueues.GetQueueClient("azure-webjobs-blobtrigger-" + _options.HostId);
        _queues.Add(queue);
        _containers.AddRange(
            blobFunctions.Select(function => function.Pattern.Container).Distinct().Select(_account.Blobs.GetBlobContainerClient));
        int batch = Math.Clamp(settings.MaxDegreeOfParallelism / 2, 1, 32);
        var dispatcher = new BlobDispatcher(blobFunctions, _account.Blobs, _app.Services, _logger);
        AddPump(
            new QueuePumpOptions
            {
                Name = string.Join(", ", blobFunctions.Select(function => function.Name)),
                Queue = queue,
                Poison = _account.PlainQueues.GetQueueClient("webjobs-blobtrigger-poison"),
                BatchSize = batch,
                NewBatchThreshold = settings.MaxDegreeOfParallelism - batch,
                MaxDequeueCount = settings.PoisonBlobThreshold,
                VisibilityTimeout = _options.HostJson.Queues.VisibilityTimeout,
                MaxPollingInterval = _options.HostJson.Queues.MaxPollingInterval,
                FunctionTimeout = _options.HostJson.FunctionTimeout,
                MayTake = MayTake,
            },
            dispatcher.RunAsync);
        BlobSubscription[] subscriptions = [.. blobFunctions.Select(function => new BlobSubscription(function.Name, function.Pattern))];
        _lister = new BlobLister(_account, _options.HostId, subscriptions, queue, MayTake, _logger);
    }

    private void AddTimerFunctions(IReadOnlyList<HostedFunction> functions)
    {
        foreach (HostedFunction function in With<TimerTriggerAttribute>(functions))
        {
            var trigger = (TimerTriggerAttribute)function.Trigger;
            if (function.TriggerParameter.ParameterType != typeof(TimerInfo))
            {
                throw function.Wrong($"takes its timer as {function.TriggerParameter.ParameterType.Name}: use TimerInfo");
            }

            string text = SettingReferences.Resolve(trigger.Schedule, _app.Configuration, function);
            TimerSchedule schedule = TimerSchedule.TryParse(text)
                ?? throw function.Wrong($"has the schedule '{text}', which is neither an NCRONTAB expression nor a time span");
            var invoker = new FunctionInvoker(function, TriggerBinding.Direct);
            _timers.Add(new TimerListener(
                function.Name,
                schedule,
                trigger,
                function.Method.GetCustomAttribute<FixedDelayRetryAttribute>(),
                new TimerStatusBlob(_account.Blobs.GetBlobContainerClient("azure-webjobs-hosts"), _options.HostId, function.Name),
                (timer, cancel) => invoker.RunInScopeAsync(_app.Services, scope => new FunctionRun(timer, scope, cancel)),
                _options.TimeProvider,
                _logger));
        }
    }

    private void AddPump(QueuePumpOptions options, Func<Azure.Storage.Queues.Models.QueueMessage, CancellationToken, Task> work)
    {
        var pump = new QueuePump(options, work, _logger);
        _pumps.Add(pump);
        _account.Requests.OnMessageSent(options.Queue.Name, pump.Wake);
    }

    private bool MayTake() => _options.IntakeRefusal() is null;

    private async Task StopRequestsAsync()
    {
        using var limit = new CancellationTokenSource(_options.DrainLimit);
        await _app.StopAsync(limit.Token);
    }
}
