using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Functions.Telemetry;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddStorageAccount(builder.Configuration).AddServerlessTrace(builder.Configuration);

// The filters in host.json apply to the host's logs only. In the worker, ASP.NET Core would write six records for each request.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.DurableTask", LogLevel.Warning);

// Bounds how long running functions may take to end. On Flex Consumption a scale-in waits up to an hour, a deployment or a restart 60 s.
builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));

// The host exports its own telemetry (host.json: telemetryMode); the worker defaults prevent duplicates.
var telemetry = builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults().ObserveServerlessTrace().ExportByOtlp(builder.Configuration);
if (builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] is { Length: > 0 })
{
    telemetry.UseAzureMonitorExporter(monitor => monitor.Credential = StorageAccount.Credential(builder.Configuration));
}

await builder.Build().RunAsync();
