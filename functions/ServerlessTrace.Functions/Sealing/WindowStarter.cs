using System.Globalization;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Orchestrations;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.Functions.Sealing;

/// <summary>
/// Starts the orchestration of the current window, whose id is the window's number: one, however many sources arrive. It seals only after the window's end, so whatever was
/// stored before it was started here is sealed by it. Where it has completed already, by the clock of another host, the next window's is started.
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

        try
        {
            if (!await EnsureAsync(number).ConfigureAwait(false))
            {
                await EnsureAsync(number + 1).ConfigureAwait(false);
            }

            Volatile.Write(ref _started, number);
        }
#pragma warning disable CA1031 // Whatever the backend throws: the spans are stored, and the sweep finds them.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogNotStarted(exception, number);
        }

        Task<bool> EnsureAsync(long window) => InstanceStart.EnsureAsync(
            durable,
            OrchestrationNames.SealWindow,
            string.Create(CultureInfo.InvariantCulture, $"seal-{length}-{window}"),
            new SealWindow((window + 1) * length),
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Window {Number} could not be started; the sweep seals its traces")]
    private partial void LogNotStarted(Exception exception, long number);
}
