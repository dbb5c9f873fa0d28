using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Senders;

/// <summary>What the command line sees of a running service, live.</summary>
public sealed class TailTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private RunningService Service => fixture.Service;

    [Fact]
    public async Task A_trace_is_printed_when_it_is_sealed()
    {
        string service = $"tail-{Guid.NewGuid():n}"[..20];
        string trace = SpanLogs.NewTraceId();
        Task<string> tail = Tool.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll"), "tail", "--service", service, "--since", "100000.00:00:00", "--count", "1"],
            AppContext.BaseDirectory,
            ("SERVERLESSTRACE_URL", Service.Http.BaseAddress!.ToString()),
            ("SERVERLESSTRACE_KEY", Service.Host.Keys.Function));

        await Service.DropAsync($"{service}.ndjson", SpanLogs.Span(trace, "a000000000000001", service, "invoice", 0, 10));

        string line = await tail;
        Assert.Contains(trace, line, StringComparison.Ordinal);
        Assert.Contains($"{service}: invoice", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_of_span_logs_is_served()
    {
        using HttpResponseMessage response = await Service.Http.GetAsync(new Uri("api/schemas/span-log.json", UriKind.Relative));

        Assert.Equal("application/schema+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Core.Schemas.SpanLogSchema.Json.ToArray(), await response.Content.ReadAsByteArrayAsync());
    }
}
