using System.Text.Json;

namespace ServerlessTrace.Cli.Tests;

public sealed class DemoSampleTests
{
    private static readonly string Samples = Path.Join(AppContext.BaseDirectory, "Samples");

    [Fact]
    public async Task The_samples_hold_whole_traces_and_one_line_to_reject()
    {
        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", Samples, "--format", "json");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("payment-service.ndjson: 1 of ", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.Split('\n'), line => line.StartsWith("warning:", StringComparison.Ordinal));
        JsonElement[] traces = [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
        Assert.Equal(6, traces.Length);
        Assert.All(traces, trace => Assert.Empty(trace.GetProperty("warnings").EnumerateArray()));
        Assert.Equal(["ERROR", "ERROR"], traces.Select(trace => trace.GetProperty("status").GetString()).Where(status => status != "OK"));
    }

    [Fact]
    public async Task The_failing_payment_has_the_services_cause_and_business_of_the_reference_report()
    {
        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", Samples, "--trace-id", Logs.Failing, "--format", "json");

        JsonElement trace = JsonDocument.Parse(result.Output).RootElement[0];
        Assert.Equal("2026-02-26T18:00:00.000000000Z", trace.GetProperty("startTime").GetString());
        Assert.Equal(1234.0, trace.GetProperty("durationMs").GetDouble());
        Assert.Equal("ERROR", trace.GetProperty("status").GetString());
        string?[] services = [.. trace.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("name").GetString())];
        Assert.Equal(["api-gateway", "auth-service", "database", "notification-service", "payment-service"], services.Order(StringComparer.Ordinal));
        JsonElement[] causes = [.. trace.GetProperty("errors").EnumerateArray().Where(error => error.GetProperty("rootCause").GetBoolean())];
        Assert.NotEmpty(causes);
        Assert.All(causes, cause => Assert.Equal("PAYMENT_GATEWAY_TIMEOUT", cause.GetProperty("code").GetString()));
        JsonElement business = trace.GetProperty("business");
        Assert.Equal("ord-789", business.GetProperty("order_id").GetString());
        Assert.Equal("user-123", business.GetProperty("user_id").GetString());
        Assert.Equal(99.99, business.GetProperty("amount").GetDouble());
        Assert.Equal("credit_card", business.GetProperty("payment_method").GetString());
    }
}
