using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ServerlessTrace.Storage.Telemetry;

namespace ServerlessTrace.Functions.Telemetry;

/// <summary>Hands the service's telemetry to OpenTelemetry, for both hosts.</summary>
public static class TelemetryExport
{
    private static readonly string[] Endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];

    /// <summary>Collects the service's spans, metrics and logs.</summary>
    /// <param name="builder">Where.</param>
    /// <param name="sources">Activity sources of the host besides the service's own.</param>
    public static IOpenTelemetryBuilder ObserveServerlessTrace(this IOpenTelemetryBuilder builder, params string[] sources)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string version = typeof(TelemetryExport).Assembly.GetName().Version!.ToString(3);

        // The name is fixed: by it the service knows its own telemetry again, if it should be sent to itself.
        builder.ConfigureResource(resource => resource.AddService(StorageTelemetry.ServiceName, serviceVersion: version));
        builder.WithTracing(tracing => tracing.AddSource([StorageTelemetry.Name, .. sources]));
        builder.WithMetrics(metrics => metrics.AddMeter(StorageTelemetry.Name));
        builder.WithLogging();
        builder.Services.AddLogging(static logging => logging.AddFilter<OpenTelemetryLoggerProvider>("ServerlessTrace", LogLevel.Information));
        return builder;
    }

    /// <summary>Sends what is collected to where the standard settings <c>OTEL_EXPORTER_OTLP_*</c> say; nowhere where they name no endpoint.</summary>
    public static IOpenTelemetryBuilder ExportByOtlp(this IOpenTelemetryBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return IsExportConfigured(configuration) ? builder.UseOtlpExporter() : builder;
    }

    /// <summary>Whether a setting names an endpoint.</summary>
    public static bool IsExportConfigured(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Endpoints.Any(name => !string.IsNullOrEmpty(configuration[name]));
    }
}
