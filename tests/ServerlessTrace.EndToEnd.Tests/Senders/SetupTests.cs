using System.Text.Json.Nodes;
using ServerlessTrace.EndToEnd.Tests.Support;

namespace ServerlessTrace.EndToEnd.Tests.Senders;

/// <summary>What <c>setup-otel</c> writes is put beside a service that knows nothing of tracing, and its spans arrive.</summary>
public sealed class SetupTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>, IDisposable
{
    private static readonly NodePackages Packages = new("OpenTelemetrySetup");

    private readonly string _service = $"shop-{Guid.NewGuid():n}"[..20];
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-setup-").FullName;

    private RunningService Service => fixture.Service;

    private (string Name, string Value) Key => ("OTEL_EXPORTER_OTLP_HEADERS", $"x-functions-key={Service.Host.Keys.Function}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_nodejs_service_sends_its_requests_and_calls()
    {
        await SetUpAsync("nodejs", _folder);
        JsonNode written = JsonNode.Parse(await File.ReadAllTextAsync(Path.Join(_folder, "package.otel.json")))!;
        string installed = await Packages.InstalledAsync();
        JsonNode locked = JsonNode.Parse(await File.ReadAllTextAsync(Path.Join(installed, "package.json")))!;
        Assert.Equal(locked["dependencies"]!.ToJsonString(), written["dependencies"]!.ToJsonString());
        Directory.CreateSymbolicLink(Path.Join(_folder, "node_modules"), Path.Join(installed, "node_modules"));
        File.Copy(Path.Join(AppContext.BaseDirectory, "OpenTelemetrySetup", "app.js"), Path.Join(_folder, "app.js"));

        string output = await Tool.RunAsync("node", ["--env-file=otel.env", "--require", "./instrumentation.js", "app.js"], _folder, Key);

        Assert.Equal("fine", output.Trim());
        await AssertArrivedAsync("GET");
    }

    [Fact]
    public async Task A_dotnet_service_sends_its_requests_and_calls()
    {
        await SetUpAsync("dotnet", _folder);
        await File.WriteAllTextAsync(
            Path.Join(_folder, "Shop.csproj"),
            """<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><InvariantGlobalization>true</InvariantGlobalization><NuGetAudit>false</NuGetAudit></PropertyGroup><Import Project="Tracing.props" /></Project>""");
        await File.WriteAllTextAsync(
            Path.Join(_folder, "Program.cs"),
            """
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Services.AddTracing();
            await using var app = builder.Build();
            app.MapGet("/orders", () => "fine");
            await app.StartAsync();
            using var client = new HttpClient();
            Console.WriteLine(await client.GetStringAsync(app.Urls.First() + "/orders"));
            await app.StopAsync();
            """);

        // No build server may outlive the test.
        string output = await Tool.RunAsync(
            "dotnet", ["run"], _folder, [.. Settings(), Key, ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_NOLOGO", "1")]);

        Assert.EndsWith("fine", output.Trim(), StringComparison.Ordinal);
        await AssertArrivedAsync("GET /orders");
    }

    private Task<string> SetUpAsync(string language, string folder) => Tool.RunAsync(
        "dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll"), "setup-otel", "--language", language, "--exporter", "serverlesstrace", "--sampling-ratio", "1",
            "--service", _service, "--environment", "test", "--url", Service.Http.BaseAddress!.ToString(), "--output", folder,
        ],
        folder);

    private IEnumerable<(string Name, string Value)> Settings() =>
        File.ReadLines(Path.Join(_folder, "otel.env")).Where(line => !line.StartsWith('#') && line.Contains('=', StringComparison.Ordinal))
            .Select(line => line.Split('=', 2)).Select(setting => (setting[0], setting[1]));

    /// <summary>One trace of the call and the request that it is.</summary>
    private async Task AssertArrivedAsync(string request)
    {
        List<JsonObject> traces = await Eventually.GetAsync(
            () => Service.TracesAsync($"limit=500&service={_service}"), found => found.Count > 0, $"A trace of {_service}");
        JsonObject trace = await Service.TraceAsync((string)Assert.Single(traces)["traceId"]!);
        Assert.Equal(["CLIENT GET", $"SERVER {request}"], trace["spans"]!.AsArray().Select(span => $"{span!["kind"]} {span["name"]}").Order(StringComparer.Ordinal));
        Assert.Equal("test", (string)traces[0]["environment"]!);
    }
}
