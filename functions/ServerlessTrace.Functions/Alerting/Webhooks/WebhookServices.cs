using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Storage.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What webhooks need.</summary>
internal static class WebhookServices
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WebhookOptions>().Bind(configuration.GetSection("Webhooks")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<WebhookOptions>>().Value);
        services.AddSingleton(static provider => new TargetPolicy(provider.GetRequiredService<WebhookOptions>().AllowedHosts));
        services.AddSingleton<SubscriptionStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<SubscriptionTurns>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookDeliverer>();
        services.AddSingleton<WebhookHandover>();
        services.AddSingleton<INotificationReceiver>(static provider => provider.GetRequiredService<WebhookHandover>());
        return services;
    }
}
