namespace ServerlessTrace.LocalHost.Orchestrations;

/// <summary>
/// Starts the durable engine after the app's own services and before HTTP. It is stopped elsewhere: last, since what is drained
/// before may still start orchestrations.
/// </summary>
internal sealed class EngineStart(OrchestrationEngine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
