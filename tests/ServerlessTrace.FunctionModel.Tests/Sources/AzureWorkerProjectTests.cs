using System.Xml.Linq;

namespace ServerlessTrace.FunctionModel.Tests.Sources;

/// <summary>The deployed worker cannot be restored everywhere; what can be known without its packages is checked here.</summary>
public class AzureWorkerProjectTests
{
    private const string Functions = "functions/ServerlessTrace.Functions/ServerlessTrace.Functions.csproj";
    private const string AzureWorker = "functions/ServerlessTrace.AzureWorker/ServerlessTrace.AzureWorker.csproj";

    private static readonly Dictionary<string, string> Pins = new()
    {
        ["Azure.Identity"] = "1.21.0",
        ["Microsoft.Azure.Functions.Worker"] = "2.52.0",
        ["Microsoft.Azure.Functions.Worker.Extensions.DurableTask"] = "1.21.1",
        ["Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore"] = "2.1.1",
        ["Microsoft.Azure.Functions.Worker.Extensions.Storage.Blobs"] = "6.8.2",
        ["Microsoft.Azure.Functions.Worker.Extensions.Storage.Queues"] = "5.5.5",
        ["Microsoft.Azure.Functions.Worker.Extensions.Timer"] = "4.3.1",
        ["Microsoft.Azure.Functions.Worker.Sdk"] = "2.1.0",
    };

    private static XDocument Project(string path) => XDocument.Parse(Repository.Read(path));

    private static IEnumerable<XElement> Items(string path, string kind) => Project(path).Descendants(kind).Where(item => item.Attribute("Include") is not null);

    private static IEnumerable<string> Includes(string path, string kind) => Items(path, kind).Select(item => item.Attribute("Include")!.Value);

    [Fact]
    public void The_official_packages_are_pinned()
    {
        var versions = Items(AzureWorker, "PackageReference")
            .ToDictionary(item => item.Attribute("Include")!.Value, item => item.Attribute("Version")?.Value);

        Assert.All(Pins, pin => Assert.Equal(pin.Value, versions.GetValueOrDefault(pin.Key)));
        Assert.All(versions, version => Assert.NotNull(version.Value));
    }

    [Fact]
    public void The_worker_compiles_the_functions_own_sources_and_only_Program_and_GlobalUsings_besides()
    {
        var compile = Assert.Single(Items(AzureWorker, "Compile"));

        Assert.Equal("../ServerlessTrace.Functions/**/*.cs", compile.Attribute("Include")!.Value);
        Assert.Contains("../ServerlessTrace.Functions/GlobalUsings.cs", compile.Attribute("Exclude")!.Value, StringComparison.Ordinal);
        Assert.Equal(
            ["GlobalUsings.cs", "Program.cs"],
            Repository.Sources("functions/ServerlessTrace.AzureWorker").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>Else the shared sources would build in one project and fail in the other.</summary>
    [Theory]
    [InlineData("FrameworkReference")]
    [InlineData("PackageReference")]
    [InlineData("ProjectReference")]
    [InlineData("Using")]
    public void Whatever_the_functions_reference_the_worker_references_too(string kind)
    {
        var needed = Includes(Functions, kind).Where(include => !include.EndsWith("/ServerlessTrace.FunctionModel.csproj", StringComparison.Ordinal));

        Assert.Empty(needed.Except(Includes(AzureWorker, kind)));
        Assert.DoesNotContain(Includes(AzureWorker, kind), include => include.Contains("FunctionModel", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_embedded_in_the_functions_are_embedded_in_the_worker_under_the_same_name()
    {
        var embedded = Items(AzureWorker, "EmbeddedResource")
            .Select(item => (item.Attribute("Include")!.Value, item.Attribute("LogicalName")?.Value ?? string.Empty));

        // Without a logical name of its own, a resource would be named after whichever project embeds it.
        Assert.Empty(Items(Functions, "EmbeddedResource")
            .Select(item => ($"../ServerlessTrace.Functions/{item.Attribute("Include")!.Value}", item.Attribute("LogicalName")?.Value ?? "(none)"))
            .Except(embedded));
    }

    /// <summary>Internals granted to ServerlessTrace.Functions would be out of the worker's sight.</summary>
    [Theory]
    [InlineData("functions/ServerlessTrace.Core/ServerlessTrace.Core.csproj")]
    [InlineData("functions/ServerlessTrace.Storage/ServerlessTrace.Storage.csproj")]
    public void Nothing_is_granted_to_the_functions_that_is_not_granted_to_the_worker(string path)
    {
        var grants = Includes(path, "InternalsVisibleTo").ToList();

        Assert.Equal(grants.Contains("ServerlessTrace.Functions"), grants.Contains("ServerlessTrace.AzureWorker"));
    }

    [Fact]
    public void The_worker_takes_the_one_host_json_along()
    {
        var hostJson = Items(AzureWorker, "None").Single(item => item.Attribute("Include")!.Value == "../../host.json");

        Assert.Equal("host.json", hostJson.Attribute("Link")?.Value);
        Assert.Equal("PreserveNewest", hostJson.Attribute("CopyToOutputDirectory")?.Value);
        Assert.Equal("PreserveNewest", hostJson.Attribute("CopyToPublishDirectory")?.Value);
    }

    [Fact]
    public void The_solution_builds_without_the_official_packages() =>
        Assert.DoesNotContain("ServerlessTrace.AzureWorker.csproj", Repository.Read("ServerlessTrace.sln"), StringComparison.Ordinal);

    [Fact]
    public void Azd_deploys_the_worker()
    {
        var manifest = Repository.Read("azure.yaml");

        Assert.Contains("project: ./functions/ServerlessTrace.AzureWorker", manifest, StringComparison.Ordinal);
        Assert.Contains("host: function", manifest, StringComparison.Ordinal);
    }
}
