using System.Text.Json;
using ServerlessTrace.Instrumentation.Http;
using ServerlessTrace.Instrumentation.SpanLogs;
using ServerlessTrace.Instrumentation.SpanLogs.Sinks;

namespace ServerlessTrace.Instrumentation.Harness;

/// <summary>The test service as the suite defines it: it posts to every URL that it is told, with the context that it was given.</summary>
public static class TestService
{
    public static WebApplication Create(string url)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(url);
        builder.Services.AddTraceContext();
        builder.Services.AddSingleton(_ => new SpanLogPipeline(new StreamSink(Stream.Null)));
        builder.Services.AddSingleton(services =>
            new SpanLogListener(services.GetRequiredService<SpanLogPipeline>(), new SpanLogFormat { Service = "harness" }));
        builder.Services.AddHttpClient(nameof(TestService)).AddHttpMessageHandler<TraceContextHandler>();
        WebApplication app = builder.Build();
        app.Services.GetRequiredService<SpanLogListener>();
        app.UseTraceContext();
        app.MapPost("/test", CallAllAsync);
        return app;
    }

    private static async Task<IResult> CallAllAsync(HttpRequest request, IHttpClientFactory clients)
    {
        Call[] calls = await JsonSerializer.DeserializeAsync<Call[]>(request.Body, JsonSerializerOptions.Web) ?? [];
        using HttpClient client = clients.CreateClient(nameof(TestService));
        foreach (Call call in calls)
        {
            using var body = new StringContent(call.Arguments.GetRawText(), null, "application/json");
            using HttpResponseMessage response = await client.PostAsync(call.Url, body);
        }

        return Results.Json(Array.Empty<string>());
    }

    private sealed record Call(Uri Url, JsonElement Arguments);
}
