using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.LocalHost;

namespace ServerlessTrace.Functions.Worker.Tests;

/// <summary>The folder that <c>dotnet publish</c> writes and <c>azd</c> deploys.</summary>
public sealed class PublishedFolderTests
{
    [Fact]
    public void It_has_the_extensions_that_the_host_loads()
    {
        using JsonDocument file = Json("extensions.json");
        JsonElement[] extensions = [.. file.RootElement.GetProperty("extensions").EnumerateArray()];

        Assert.Equal(["AzureStorageBlobs", "AzureStorageQueues", "DurableTask", "Startup"], extensions.Select(extension => extension.GetProperty("name").GetString()));
        Assert.All(extensions, extension => Assert.True(File.Exists(InFolder(extension.GetProperty("hintPath").GetString()!)), $"{extension}"));
    }

    [Fact]
    public void It_names_the_worker_and_every_function()
    {
        using JsonDocument worker = Json("worker.config.json");
        using JsonDocument functions = Json("functions.metadata");
        IEnumerable<string> declared =
            from type in typeof(ServerlessTraceServices).Assembly.GetTypes()
            from method in type.GetMethods()
            let function = method.GetCustomAttribute<FunctionAttribute>()
            where function is not null
            select function.Name;

        Assert.True(File.Exists(InFolder(worker.RootElement.GetProperty("description").GetProperty("defaultWorkerPath").GetString()!)));
        Assert.Equal(
            declared.Order(StringComparer.Ordinal),
            functions.RootElement.EnumerateArray().Select(function => function.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_has_the_settings_of_the_host_and_no_secrets()
    {
        Assert.Equal(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "host.json")), File.ReadAllText(InFolder("host.json")));
        Assert.False(File.Exists(InFolder("local.settings.json")));
    }

    private static string InFolder(string path) => Path.Combine(WorkerFixture.Folder, path);

    private static JsonDocument Json(string path) => JsonDocument.Parse(File.ReadAllText(InFolder(path)));
}
