using System.Globalization;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Infra.Tests.Bicep;
using ServerlessTrace.Infra.Tests.Code;
using ServerlessTrace.LocalHost;
using ServerlessTrace.LocalHost.Configuration;

namespace ServerlessTrace.Infra.Tests.Drift;

/// <summary>The local host runs what is deployed, with the same settings.</summary>
public sealed class DriftTests
{
    // Health names nothing; a shared report has a signature in its link.
    private static readonly string[] Anonymous = ["GetSharedTraceReport", "Health"];

    /// <summary>The official worker finds a function's method by its name alone, and refuses to load one that has an overload.</summary>
    [Fact]
    public void No_function_is_an_overload() => Assert.Empty(
        from type in typeof(ServerlessTraceServices).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.IsDefined(typeof(FunctionAttribute), inherit: false) && type.GetMember(method.Name).Length > 1
        select $"{type.FullName}.{method.Name}");

    [Fact]
    public void Every_request_needs_a_key_but_health_and_signed_links() => Assert.Equal(
        Anonymous,
        CodeStorage.Triggers<HttpTriggerAttribute>().Where(http => http.Trigger.AuthLevel != AuthorizationLevel.Function).Select(http => http.Function).Order(StringComparer.Ordinal));

    [Fact]
    public void Both_hosts_read_one_host_json()
    {
        string deployed = Path.Combine(RepositoryRoot.Path, "host.json");
        HostJson expected = HostJson.Read(deployed);
        HostJson local = Product.Options("UseDevelopmentStorage=true", port: 0).HostJson;

        Assert.Contains("""<None Include="../../host.json" Link="host.json" """, InfraFolder.ReadOfRepository("functions/ServerlessTrace.Functions/ServerlessTrace.Functions.csproj"), StringComparison.Ordinal);
        Assert.Equal(expected with { Functions = null }, local with { Functions = null });
        Assert.Equal(expected.Functions, local.Functions);
        Assert.Contains("\"telemetryMode\": \"OpenTelemetry\"", File.ReadAllText(deployed), StringComparison.Ordinal);
    }

    /// <summary>A message of a crashed instance is invisible for that long, and its partition's lease lasts 30 s (infra/README.md).</summary>
    [Theory]
    [InlineData("controlQueueVisibilityTimeout")]
    [InlineData("workItemQueueVisibilityTimeout")]
    public void A_crash_on_Azure_delays_an_orchestration_by_a_minute_at_most(string setting)
    {
        using JsonDocument file = JsonDocument.Parse(InfraFolder.ReadOfRepository("host.json"));
        JsonElement provider = file.RootElement.GetProperty("extensions").GetProperty("durableTask").GetProperty("storageProvider");

        Assert.InRange(TimeSpan.Parse(provider.GetProperty(setting).GetString()!, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Both_hosts_set_the_product_up_by_the_same_calls()
    {
        string deployed = InfraFolder.ReadOfRepository("functions/ServerlessTrace.Functions/Program.cs");
        string local = InfraFolder.ReadOfRepository("functions/ServerlessTrace.LocalHost/Product.cs");

        Assert.All(["AddServerlessTrace(", "ObserveServerlessTrace(", "ExportByOtlp("], call =>
        {
            Assert.Contains(call, deployed, StringComparison.Ordinal);
            Assert.Contains(call, local, StringComparison.Ordinal);
        });
    }
}
