using System.Reflection;
using System.Xml.Linq;
using ServerlessTrace.Infra.Tests.Bicep;
using ServerlessTrace.LocalHost;
using ServerlessTrace.LocalHost.Configuration;

namespace ServerlessTrace.Infra.Tests.Drift;

/// <summary>
/// What runs on one machine and what is deployed are the same functions with the same settings. AzureWorker's packages cannot be had everywhere, so its
/// sources are looked at as the stand-in compiles them, against the official names.
/// </summary>
public sealed class DriftTests
{
    private const string AzureWorker = "functions/ServerlessTrace.AzureWorker/ServerlessTrace.AzureWorker.csproj";
    private const string StandIn = "tests/ServerlessTrace.AzureWorker.StandIn/ServerlessTrace.AzureWorker.StandIn.csproj";

    private static Assembly Deployed => Assembly.LoadFrom(
        typeof(DriftTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "StandInPath").Value!);

    private static LocalFunctionHostOptions Local => Product.Options("UseDevelopmentStorage=true", port: 0);

    [Fact]
    public void Both_hosts_have_the_same_functions_triggers_routes_and_levels()
    {
        IReadOnlyList<string> local = FunctionDeclaration.Of(Local.FunctionClasses);
        IReadOnlyList<string> deployed = FunctionDeclaration.Of(Deployed.GetTypes());

        Assert.True(local.Count >= 15, $"Only {local.Count} functions.");
        Assert.Equal(local, deployed);
    }

    /// <summary>The official worker looks a function's method up by its name alone; it refuses to load one that has an overload.</summary>
    [Fact]
    public void No_function_is_an_overload() => Assert.Empty(
        from type in Deployed.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttributes().Any(attribute => attribute.GetType().Name == "FunctionAttribute")
            && type.GetMember(method.Name).Length > 1
        select $"{type.FullName}.{method.Name}");

    [Fact]
    public void Every_request_needs_a_key_but_health_and_signed_links()
    {
        string[] open = [.. FunctionDeclaration.Of(Deployed.GetTypes())
            .Where(function => function.Contains("[HttpTriggerAttribute", StringComparison.Ordinal) && !function.Contains("AuthLevel=Function", StringComparison.Ordinal))
            .Select(function => function[..function.IndexOf(':', StringComparison.Ordinal)])];

        Assert.Equal(Anonymous, open);
    }

    [Fact]
    public void The_stand_in_compiles_what_the_worker_compiles()
    {
        string worker = Assert.Single(Compiled(AzureWorker)).Replace("../ServerlessTrace.Functions/", "$(Functions)", StringComparison.Ordinal);

        Assert.Equal(worker, Compiled(StandIn).First());
        Assert.Contains("$(AzureWorker)GlobalUsings.cs;$(AzureWorker)Program.cs", Compiled(StandIn).Last(), StringComparison.Ordinal);
        Assert.NotNull(Deployed.EntryPoint);
    }

    [Fact]
    public void Both_hosts_read_one_host_json()
    {
        XElement hostJson = Project(AzureWorker).Descendants("None").Single(item => item.Attribute("Link")?.Value == "host.json");
        string deployed = Path.GetFullPath(Path.Combine(RepositoryRoot.Path, Path.GetDirectoryName(AzureWorker)!, hostJson.Attribute("Include")!.Value));

        HostJson expected = HostJson.Read(deployed);
        Assert.Equal(expected with { Functions = null }, Local.HostJson with { Functions = null });
        Assert.Equal(expected.Functions, Local.HostJson.Functions);
        Assert.Contains("\"telemetryMode\": \"OpenTelemetry\"", File.ReadAllText(deployed), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_hosts_set_the_product_up_by_the_same_calls()
    {
        string deployed = InfraFolder.ReadOfRepository("functions/ServerlessTrace.AzureWorker/Program.cs");
        string local = InfraFolder.ReadOfRepository("functions/ServerlessTrace.LocalHost/Product.cs");

        Assert.All(["AddServerlessTrace(", "ObserveServerlessTrace(", "ExportByOtlp("], call =>
        {
            Assert.Contains(call, deployed, StringComparison.Ordinal);
            Assert.Contains(call, local, StringComparison.Ordinal);
        });
    }

    // Health names nothing; a shared report has a signature in its link.
    private static readonly string[] Anonymous = ["GetSharedTraceReport", "Health"];

    private static XDocument Project(string path) => XDocument.Parse(InfraFolder.ReadOfRepository(path));

    private static IEnumerable<string> Compiled(string project) => Project(project).Descendants("Compile")
        .Where(item => item.Attribute("LinkBase") is not null)
        .Select(item => $"{item.Attribute("Include")!.Value} but {item.Attribute("Exclude")?.Value}");
}
