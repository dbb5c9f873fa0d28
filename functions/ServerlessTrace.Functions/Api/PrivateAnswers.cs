using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Api;

/// <summary>
/// Says of every answer that nobody may keep it, and that it is nothing else than it says. Keys travel in a header of their own or in the URL: a cache
/// in front of the service, which knows nothing of them, would give what one caller got to the next (RFC 9111, 3.5, protects <c>Authorization</c> only).
/// </summary>
internal sealed class PrivateAnswers : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, rest) =>
        {
            context.Response.OnStarting(Mark, context.Response);
            return rest(context);
        });
        next(app);
    };

    private static Task Mark(object answer)
    {
        var response = (HttpResponse)answer;

        // A request without an endpoint is refused by the host, not answered by the service.
        if (response.HttpContext.GetEndpoint() is not null)
        {
            response.Headers.CacheControl = "no-store";
            response.Headers.XContentTypeOptions = "nosniff";
        }

        return Task.CompletedTask;
    }
}
