using Microsoft.AspNetCore.Http;
using ServerlessTrace.Functions.Api;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>Errors that the functions of webhooks share.</summary>
internal static class WebhookProblem
{
    public static IResult NoSubscription() => Problem.NotFound("No webhook has this id.");

    public static IResult NoDelivery() => Problem.NotFound("The webhook has no delivery with this id.");

    public static IResult Changed() => Problem.PreconditionFailed("Somebody else changed it at the same time. Read it again and decide anew.");
}
