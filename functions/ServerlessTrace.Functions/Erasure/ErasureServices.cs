using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessTrace.Storage.Erasure;
using ServerlessTrace.Storage.Secrets;

namespace ServerlessTrace.Functions.Erasure;

/// <summary>What erasing on demand needs.</summary>
internal static class ErasureServices
{
    public static IServiceCollection AddErasure(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ErasureOptions>().Bind(configuration.GetSection("Erasure")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<ErasureOptions>>().Value);
        services.AddSingleton<ErasureKeyStore>();
        services.AddSingleton<ErasureStore>();
        services.AddSingleton<ErasedTraces>();
        services.AddSingleton<Eraser>();
        return services;
    }
}
