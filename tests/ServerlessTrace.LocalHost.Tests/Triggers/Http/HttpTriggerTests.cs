using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using ServerlessTrace.LocalHost.Tests.Hosting;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Http;

public sealed class HttpTriggerTests(AzuriteFixture storage) : IClassFixture<AzuriteFixture>, IAsyncLifetime, IDisposable
{
    private LocalFunctionHost _host = null!;
    private TestApp _app = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _app = new TestApp(storage, typeof(HttpFunctions));
        _host = await _app.StartAsync();
        _client = new HttpClient { BaseAddress = _host.BaseAddress };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task The_root_is_served()
    {
        Assert.Equal("home /", await _client.GetStringAsync("/"));
    }

    [Fact]
    public async Task A_function_without_a_route_is_found_by_its_name() =>
        Assert.Equal("by name", await _client.GetStringAsync("/NameOnly"));

    [Fact]
    public async Task An_object_becomes_json() => Assert.Equal("""{"a":1}""", await _client.GetStringAsync("/api/object"));

    [Fact]
    public async Task The_right_key_opens_by_header_and_by_query()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/items/7");
        request.Headers.Add("x-functions-key", _host.Keys.Function);

        Assert.Equal("""{"id":7,"cancelled":false}""", await (await _client.SendAsync(request)).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync($"/api/items/7?code={_host.Keys.Function}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync($"/api/items/7?code={_host.Keys.Master}")).StatusCode);
    }

    [Theory]
    [InlineData("/api/items/7")]
    [InlineData("/api/items/7?code=")]
    [InlineData("/api/items/7?code=wrong")]
    [InlineData("/api/admin")]
    public async Task No_key_or_a_wrong_one_is_refused(string url) => await AssertEmptyAsync(await _client.GetAsync(url), HttpStatusCode.Unauthorized);

    [Fact]
    public async Task An_admin_function_needs_the_master_key()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync($"/api/admin?code={_host.Keys.Function}")).StatusCode);
        Assert.Equal("admin", await _client.GetStringAsync($"/api/admin?code={_host.Keys.Master}"));
    }

    [Theory]
    [InlineData("GET", "/nothing/here", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/items", HttpStatusCode.NotFound)]
    [InlineData("POST", "/", HttpStatusCode.NoContent)]
    [InlineData("DELETE", "/", HttpStatusCode.NoContent)]
    public async Task Unknown_paths_and_methods_are_refused_as_on_the_platform(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        await AssertEmptyAsync(await _client.SendAsync(request), status);
    }

    [Fact]
    public async Task A_value_in_the_path_that_is_none_of_its_type_is_a_problem() =>
        await AssertProblemAsync(await _client.GetAsync("/api/guids/none"), HttpStatusCode.BadRequest);

    [Fact]
    public async Task An_exception_is_a_problem_that_tells_nothing()
    {
        HttpResponseMessage response = await _client.GetAsync("/api/failing");

        await AssertProblemAsync(response, HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using LocalFunctionHost host = await LocalFunctionHost.StartAsync(new LocalFunctionHostOptions
        {
            StorageConnectionString = storage.ConnectionString,
            Port = 0,
            HostJson = LocalHost.Configuration.HostJson.Parse("""{"extensions":{"http":{"routePrefix":"functions"}}}"""),
            MaxRequestBodyBytes = 1000,
            FunctionClasses = { typeof(HttpFunctions) },
        });
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal("1000", await (await client.PostAsync("/functions/api/items", new ByteArrayContent(new byte[1000]))).Content.ReadAsStringAsync());
        await AssertProblemAsync(await client.PostAsync("/functions/api/items", new ByteArrayContent(new byte[1001])), HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Nothing_is_taken_in_while_intake_is_refused_but_reading_goes_on()
    {
        _app.Refusal = "The storage is full: delete something.";

        HttpResponseMessage refused = await _client.PostAsync("/api/items", new StringContent("x"));

        await AssertProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
        Assert.Contains(_app.Refusal, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("by name", await _client.GetStringAsync("/NameOnly"));
    }

    [Fact]
    public async Task Two_functions_for_one_url_are_refused_at_the_start()
    {
        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(() => new TestApp(storage, typeof(AmbiguousFunctions)).StartAsync());

        Assert.Contains("ById", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Search", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        HostStartException refusal = await Assert.ThrowsAsync<HostStartException>(() => LocalFunctionHost.StartAsync(new LocalFunctionHostOptions
        {
            StorageConnectionString = storage.ConnectionString,
            Port = port,
            FunctionClasses = { typeof(HttpFunctions) },
        }));

        Assert.Contains($"Port {port} is in use", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--port", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task AssertEmptyAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Null(response.Content.Headers.ContentType);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
    }
}
