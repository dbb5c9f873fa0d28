using ServerlessTrace.LocalHost.Durable.History;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>Runs activities in this process, so many at once and no more.</summary>
internal sealed class ActivityRunner(DurableTaskRegistry registry, IServiceProvider services, int maxConcurrent) : IDisposable
{
    private readonly SemaphoreSlim _places = new(maxConcurrent);

    /// <summary>Runs a called activity and tells how it ended.</summary>
    /// <exception cref="OperationCanceledException">It was not begun before <paramref name="beginNoMore"/>, or broken off by
    /// <paramref name="cancellationToken"/>: it did not end and is to run again.</exception>
    public async Task<HistoryEvent> RunAsync(
        HistoryAction call, string executionId, CancellationToken beginNoMore, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(beginNoMore);
        try
        {
            string? result = Payload.Write(
                await Task.Run(() => InvokeAsync(call, cancellationToken), cancellationToken), $"result of activity '{call.Name}'");
            return new HistoryEvent
            {
                Kind = HistoryEventKind.TaskCompleted,
                TaskId = call.TaskId,
                ExecutionId = executionId,
                Payload = result,
            };
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
#pragma warning disable CA1031 // Whatever an activity throws is its result.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return new HistoryEvent
            {
                Kind = HistoryEventKind.TaskFailed,
                TaskId = call.TaskId,
                ExecutionId = executionId,
                Failure = FailureRecord.Of(failure),
            };
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<object?> InvokeAsync(HistoryAction call, CancellationToken cancellationToken)
    {
        if (!registry.TryGetActivity(call.Name!, out DurableTaskRegistry.Activity? activity))
        {
            throw new InvalidOperationException($"This host has no activity named '{call.Name}'.");
        }

        await using AsyncServiceScope scope = services.CreateAsyncScope();
        object? input = activity.InputType is { } type ? Payload.Read(call.Payload, type) : null;
        return await activity.Run(input, scope.ServiceProvider, cancellationToken);
    }
}
