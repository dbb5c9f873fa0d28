using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Http;

/// <summary>Trace context for ASP.NET Core.</summary>
public static class TraceContextExtensions
{
    /// <summary>Adds the services of <see cref="UseTraceContext"/>, and makes ASP.NET Core's own spans read the same headers.</summary>
    public static IServiceCollection AddTraceContext(this IServiceCollection services, Action<TraceContextOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new TraceContextOptions();
        configure?.Invoke(options);
        services.Replace(ServiceDescriptor.Singleton<DistributedContextPropagator>(new PlatformPropagator(options.Propagator)));
        services.AddSingleton(options);
        services.AddTransient(provider => new TraceContextHandler(provider.GetRequiredService<TraceContextOptions>().Propagator));
        return services;
    }

    /// <summary>Goes on with the context of requests. Put it first.</summary>
    public static IApplicationBuilder UseTraceContext(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<TraceContextMiddleware>();
    }
}
