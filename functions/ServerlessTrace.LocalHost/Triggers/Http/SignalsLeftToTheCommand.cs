namespace ServerlessTrace.LocalHost.Triggers.Http;

/// <summary>Leaves Ctrl+C and SIGTERM to the command line, which stops listeners and storage in their order.</summary>
internal sealed class SignalsLeftToTheCommand : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
