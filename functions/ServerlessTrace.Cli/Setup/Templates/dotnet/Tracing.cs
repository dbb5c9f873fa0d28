using OpenTelemetry.Trace;

/// <summary>Traces of this service: builder.Services.AddTracing(). Names, endpoint and sampling come from otel.env.</summary>
public static class Tracing
{
    public static IServiceCollection AddTracing(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithTracing(tracing => tracing
            .AddSource("{{service}}")
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddSqlClientInstrumentation()
            .{{dotnetExporter}}());
        return services;
    }
}
