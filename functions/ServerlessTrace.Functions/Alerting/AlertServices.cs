using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessTrace.Functions.Alerting.TraceRules;
using ServerlessTrace.Functions.Alerting.WindowRules;
using ServerlessTrace.Functions.Api.Links;
using ServerlessTrace.Functions.Api.Traces;
using ServerlessTrace.Storage.Alerting;
using ServerlessTrace.Storage.Secrets;

namespace ServerlessTrace.Functions.Alerting;

/// <summary>What alert rules and links need.</summary>
internal static class AlertServices
{
    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AlertOptions>().Bind(configuration.GetSection("Alerts")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LinkOptions>().Bind(configuration.GetSection("Links")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<AlertOptions>>().Value);
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<LinkOptions>>().Value);
        services.AddSingleton<LinkKeyStore>();
        services.AddSingleton<ServiceAddress>();
        services.AddSingleton<SignedLinks>();
        services.AddSingleton<TracesFunctions>();
        services.AddSingleton<RuleStore>();
        services.AddSingleton<SilenceStore>();
        services.AddSingleton<RuleCache>();
        services.AddSingleton<StateStore>();
        services.AddSingleton<AlertLog>();
        services.AddSingleton<TraceAlertStore>();
        services.AddSingleton<NotificationHandover>();
        services.AddSingleton<FiringServices>();
        services.AddSingleton<TraceAlerts>();
        services.AddSingleton<RestOfAlerts>();
        services.AddSingleton<SeriesReader>();
        services.AddSingleton<Exemplars>();
        services.AddSingleton<SeriesEvaluation>();
        return services;
    }
}
