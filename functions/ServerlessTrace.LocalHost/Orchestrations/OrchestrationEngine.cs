using DurableTask.Core;
using DurableTask.Core.Command;
using DurableTask.Core.Exceptions;
using DurableTask.Core.Middleware;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker.Shims;

namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>Runs orchestrations on the Durable Task Framework, on any of its backends.</summary>
internal sealed class OrchestrationEngine : IAsyncDisposable
{
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DrainPause = TimeSpan.FromMilliseconds(10);

    private readonly OrchestrationBackend _backend;
    private readonly OrchestrationEngineOptions _options;
    private readonly IServiceProvider _services;
    private readonly TaskHubWorker _worker;
    private readonly CancellationTokenSource _aborting = new();
    private int _running;
    private bool _isStarted;

    /// <param name="registry">What can be run.</param>
    /// <param name="backend">Where instances are kept.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="services">The services of orchestrators and activities.</param>
    /// <param name="loggers">Logs of the framework.</param>
    public OrchestrationEngine(
        OrchestrationRegistry registry, OrchestrationBackend backend, OrchestrationEngineOptions options, IServiceProvider services, ILoggerFactory loggers)
    {
        _backend = backend;
        _options = options;
        _services = services;
        var shims = new DurableTaskShimFactory(null, loggers);
        _worker = new TaskHubWorker(
            backend.Service,
            new OrchestrationRegistry.Objects<TaskOrchestration>(
                name => new RegisteredOrchestration(name, registry.FindOrchestrator(name), shims, services)),
            new OrchestrationRegistry.Objects<TaskActivity>(
                name => shims.CreateActivity(name, new RunningActivity(this, registry.FindActivity(name)))),
            loggers)
        {
            ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails,
        };
        _worker.AddOrchestrationDispatcherMiddleware(AroundOrchestratorAsync);
        Client = new LocalDurableTaskClient(options.HubName, backend);
    }

    /// <summary>Starts and looks up instances.</summary>
    public DurableTaskClient Client { get; }

    /// <summary>Creates what the backend needs in storage and begins to take work.</summary>
    public async Task StartAsync()
    {
        await _backend.Service.CreateIfNotExistsAsync();
        await _worker.StartAsync();
        _isStarted = true;
    }

    /// <summary>Begins no more activities, lets the running ones finish within the grace, and hands over to other hosts.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isStarted)
        {
            return;
        }

        _isStarted = false;
        await _worker.TaskActivityDispatcher.StopAsync(forced: true);
        await DrainAsync(_options.DrainGrace, cancellationToken);
        await _aborting.CancelAsync();
        await DrainAsync(AbortLimit, CancellationToken.None);
        await _worker.TaskOrchestrationDispatcher.StopAsync(forced: true);
        await _worker.StopAsync(isForced: false);
    }

    /// <summary>Ends at once, without handing over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _aborting.CancelAsync();
        if (_isStarted)
        {
            _isStarted = false;
            await Task.WhenAny(_worker.StopAsync(isForced: true), Task.Delay(AbortLimit));
        }

        (_backend.Service as IDisposable)?.Dispose();
        _worker.Dispose();
    }

    private async Task DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref _running) > 0 && TimeProvider.System.GetElapsedTime(begun) < limit && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(DrainPause, CancellationToken.None);
        }
    }

    private async Task AroundOrchestratorAsync(DispatchMiddlewareContext context, Func<Task> next)
    {
        var orchestration = (RegisteredOrchestration)context.GetProperty<TaskOrchestration>();
        if (context.GetProperty<OrchestrationRuntimeState>().ParentInstance is { } parent)
        {
            orchestration.Parent = new ParentOrchestrationInstance(parent.Name, parent.OrchestrationInstance.InstanceId);
        }

        await next();
        OrchestratorExecutionResult result = context.GetProperty<OrchestratorExecutionResult>();
        foreach (CreateTimerOrchestratorAction timer in result.Actions.OfType<CreateTimerOrchestratorAction>())
        {
            timer.FireAt += _options.TimerSkew;
        }

        if (orchestration.IsStuck && !result.Actions.OfType<OrchestrationCompleteOrchestratorAction>().Any())
        {
            result.Actions =
            [
                .. result.Actions,
                new OrchestrationCompleteOrchestratorAction
                {
                    Id = int.MaxValue,
                    OrchestrationStatus = OrchestrationStatus.Failed,
                    Result = RegisteredOrchestration.NotDurable,
                    FailureDetails = new FailureDetails(typeof(InvalidOperationException).FullName!, RegisteredOrchestration.NotDurable, null, null, true),
                },
            ];
        }
    }

    private sealed class RunningActivity(OrchestrationEngine engine, OrchestrationRegistry.Activity activity) : ITaskActivity
    {
        public Type InputType => activity.InputType;

        public Type OutputType => typeof(object);

        /// <exception cref="SessionAbortedException">The engine ended before the activity did: it is to run again, elsewhere.</exception>
        public async Task<object?> RunAsync(TaskActivityContext context, object? input)
        {
            Interlocked.Increment(ref engine._running);
            CancellationToken aborting = engine._aborting.Token;
            try
            {
                await using AsyncServiceScope scope = engine._services.CreateAsyncScope();
                return await activity.Run(input, scope.ServiceProvider, aborting);
            }
            catch (Exception cancelled) when (aborting.IsCancellationRequested)
            {
                throw new SessionAbortedException("The host ends.", cancelled);
            }
            finally
            {
                Interlocked.Decrement(ref engine._running);
            }
        }
    }
}
