using System.Globalization;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>
/// Starts the orchestration of the current window, whose id is the window's number: one, however many sources arrive.
/// It looks at the shards only after the window's end, so whatever was stored before it was started here is seen by it.
/// </summary>
public sealed partial class WindowStarter(SealOptions options, TimeProvider clock, ILogger<WindowStarter> log)
{
    private long _started = -1;

    /// <summary>Makes sure that the current window's orchestration runs. A failure is logged only: the sweep seals what no window does.</summary>
    public async Task StartAsync(DurableTaskClient durable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(durable);
        long length = (long)options.Window.TotalMilliseconds;
        long number = clock.GetUtcNow().ToUnixTimeMilliseconds() / length;
        if (Volatile.Read(ref _started) == number)
        {
            return;
        }

        string instance = string.Create(CultureInfo.InvariantCulture, $"seal-{length}-{number}");
        try
        {
            await InstanceStart.EnsureAsync(
                durable, SealWindowFunctions.OrchestratorName, instance, new SealWindow((number + 1) * length), cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _started, number);
        }
#pragma warning disable CA1031 // Whatever the backend throws: the spans are stored, and the sweep finds them.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotStarted(exception, instance);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Window {Instance} could not be started; the sweep seals its traces")]
    private partial void LogNotStarted(Exception exception, string instance);
}
