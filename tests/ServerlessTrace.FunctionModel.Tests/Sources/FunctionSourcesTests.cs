using ServerlessTrace.FunctionModel.Tests.Contract;

namespace ServerlessTrace.FunctionModel.Tests.Sources;

/// <summary>The functions' sources compile for both hosts, because they name neither.</summary>
public class FunctionSourcesTests
{
    private const string Functions = "functions/ServerlessTrace.Functions";
    private const string AzureWorker = "functions/ServerlessTrace.AzureWorker";

    private static IReadOnlyDictionary<string, string> LocalAliases => GlobalAliases.Of(Repository.Read($"{Functions}/GlobalUsings.cs"));

    private static IReadOnlyDictionary<string, string> AzureAliases => GlobalAliases.Of(Repository.Read($"{AzureWorker}/GlobalUsings.cs"));

    [Fact]
    public void No_function_source_names_a_host_or_compiles_conditionally()
    {
        var sources = Repository.Sources(Functions).ToList();

        Assert.Contains(sources, path => Path.GetFileName(path) == "GlobalUsings.cs");
        Assert.All(
            sources.Where(path => Path.GetFileName(path) != "GlobalUsings.cs"),
            path => Assert.Empty(HostNeutrality.Offences(File.ReadAllText(path))));
    }

    [Theory]
    [InlineData("using ServerlessTrace.FunctionModel;")]
    [InlineData("namespace ServerlessTrace.Functions.Ingest; using FunctionModel;")]
    [InlineData("    ServerlessTrace.FunctionModel.TimerInfo timer)")]
    [InlineData("using Microsoft.Azure.Functions.Worker;")]
    [InlineData("using Microsoft.DurableTask.Client;")]
    [InlineData("#if AZURE")]
    [InlineData("    # if !LOCAL")]
    [InlineData("[Conditional(\"LOCAL\")]")]
    public void A_source_that_is_not_neutral_is_found_out(string line) =>
        Assert.Single(HostNeutrality.Offences($"namespace X;\n{line}\nclass Y;"));

    [Theory]
    [InlineData("using Microsoft.Extensions.Logging;")]
    [InlineData("using Microsoft.AspNetCore.Http;")]
    [InlineData("namespace ServerlessTrace.Functions.Ingest;")]
    [InlineData("#pragma warning disable CA1031")]
    public void A_neutral_source_is_let_through(string line) => Assert.Empty(HostNeutrality.Offences(line));

    [Fact]
    public void Every_type_of_the_model_has_an_alias_of_its_own_name()
    {
        Assert.Equal(
            typeof(FunctionAttribute).Assembly.GetExportedTypes().ToDictionary(type => type.Name, type => type.FullName!),
            LocalAliases);
    }

    [Fact]
    public void Both_hosts_alias_the_same_names()
    {
        Assert.Equal(LocalAliases.Keys.Order(StringComparer.Ordinal), AzureAliases.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_alias_of_the_deployed_worker_is_an_official_type()
    {
        // The list only refers to PurgeResult.
        Assert.All(AzureAliases, alias => Assert.True(
            OfficialApi.Listed.Describes(alias.Value) || alias.Value == "Microsoft.DurableTask.Client.PurgeResult", alias.Value));
        Assert.All(AzureAliases, alias => Assert.EndsWith($".{alias.Key}", alias.Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Functions)]
    [InlineData(AzureWorker)]
    public void No_namespace_of_a_host_is_imported_as_a_whole(string project) =>
        Assert.Empty(GlobalAliases.OtherLines(Repository.Read($"{project}/GlobalUsings.cs")));
}
