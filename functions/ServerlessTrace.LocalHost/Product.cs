using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Functions.Telemetry;
using ServerlessTrace.LocalHost.Configuration;
using ServerlessTrace.LocalHost.Invocation;
using ServerlessTrace.LocalHost.Triggers.Http;
using ServerlessTrace.Storage.Sealing;

namespace ServerlessTrace.LocalHost;

/// <summary>The product's functions and services, as the local host runs them.</summary>
public static class Product
{
    /// <summary>The environment variable that chooses where orchestrations are kept: <c>table</c> or <c>azure-storage</c>.</summary>
    public const string DurableVariable = "SERVERLESSTRACE_DURABLE";

    /// <summary>Options for a host of the product on a storage account, with the settings of the root <c>host.json</c>.</summary>
    /// <param name="connectionString">The storage account.</param>
    /// <param name="port">The loopback port; 0 for a free one.</param>
    /// <param name="keys">The keys of HTTP functions; new ones where null.</param>
    /// <param name="intakeRefusal">Why nothing may be taken in now; null for never.</param>
    /// <param name="configureLogging">Adjusts logging; warnings to the console where null.</param>
    public static LocalFunctionHostOptions Options(
        string connectionString, int port, FunctionKeys? keys = null, Func<string?>? intakeRefusal = null, Action<ILoggingBuilder>? configureLogging = null)
    {
        LocalFunctionHostOptions options = new LocalFunctionHostOptions
        {
            StorageConnectionString = connectionString,
            Port = port,
            Keys = keys ?? FunctionKeys.Generate(),
            HostJson = HostJson.Read(Path.Combine(RepositoryRoot.Path, "host.json")),
            Durable = ReadDurable(Environment.GetEnvironmentVariable(DurableVariable) ?? "table")
                ?? throw new HostStartException($"{DurableVariable} must be table or azure-storage."),
            IntakeRefusal = intakeRefusal ?? (static () => null),
            ConfigureLogging = configureLogging ?? (static _ => { }),
            ConfigureServices = static (services, configuration) =>
            {
                // On one machine a window may be short: it costs no money, and people wait for their traces. Settings win over it.
                services.Configure<SealOptions>(static seal => seal.Window = TimeSpan.FromSeconds(1));
                services.AddServerlessTrace(configuration);
                if (TelemetryExport.IsExportConfigured(configuration))
                {
                    services.AddOpenTelemetry().ObserveServerlessTrace(FunctionSpans.SourceName).ExportByOtlp(configuration);
                }
            },
        }.AddFunctionsOf(typeof(ServerlessTraceServices).Assembly);
        foreach ((string setting, string schedule) in TimerSchedules.OnOneMachine)
        {
            options.Settings[setting] = Environment.GetEnvironmentVariable(setting) ?? schedule;
        }

        return options;
    }

    /// <summary>The backend of a name; null where there is none of that name.</summary>
    internal static DurableBackend? ReadDurable(string name) => name switch
    {
        "table" => DurableBackend.Table,
        "azure-storage" => DurableBackend.AzureStorage,
        _ => null,
    };
}
