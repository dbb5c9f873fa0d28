namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>A host in a process and on storage of its own that sends what it tells of itself, soon, to a real OTLP receiver.</summary>
internal sealed class ObservedHost : IAsyncDisposable
{
    private ObservedHost(OwnAzurite azurite, OtlpReceiver receiver, HostProcess process)
    {
        Azurite = azurite;
        Receiver = receiver;
        Process = process;
    }

    public OwnAzurite Azurite { get; }

    public OtlpReceiver Receiver { get; }

    public HostProcess Process { get; }

    public RunningService Service => Process.Service;

    public static async Task<ObservedHost> StartAsync(params (string Name, string Value)[] settings)
    {
        var azurite = new OwnAzurite();
        await azurite.InitializeAsync();
        OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        HostProcess process = await azurite.StartHostAsync(
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("Seal__Window", "00:00:00.500"),
            .. settings,
        ]);
        return new ObservedHost(azurite, receiver, process);
    }

    /// <summary>A span of its own, once it came.</summary>
    public async Task<ReceivedSpan> SpanAsync(Func<ReceivedSpan, bool> isIt)
    {
        try
        {
            return (await Eventually.GetAsync(() => Task.FromResult(Receiver.Spans.FirstOrDefault(isIt)), span => span is not null, "A span"))!;
        }
        catch (Xunit.Sdk.XunitException missing)
        {
            throw new Xunit.Sdk.XunitException(
                $"{missing.Message}; received: {string.Join(", ", Receiver.Spans.Select(span => span.Name))}\n{Process.Output}", missing);
        }
    }

    /// <summary>Waits until each of some metrics came.</summary>
    public Task MetricsAsync(params string[] names) =>
        Eventually.GetAsync(() => Task.FromResult(names.Except(Metrics()).ToList()), missing => missing.Count == 0, $"Every metric of {string.Join(", ", names)}");

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Receiver.DisposeAsync();
        await Azurite.DisposeAsync();
    }

    private IEnumerable<string> Metrics() =>
        // ExportMetricsServiceRequest.resource_metrics.scope_metrics.metrics.name
        Receiver.Accepted("metrics").SelectMany(delivery => ProtobufFields.TextsAt(delivery.Body, 1, 2, 2, 1)).Distinct();
}
