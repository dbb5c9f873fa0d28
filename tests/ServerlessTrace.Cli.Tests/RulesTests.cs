using System.Net;
using System.Text;

namespace ServerlessTrace.Cli.Tests;

/// <summary><c>rules apply</c> against a service that answers as the real one does.</summary>
public sealed class RulesTests : IDisposable
{
    private const string Current = """
        {"rules":[
          {"id":"kept","kind":"window","above":"500ms","etag":"\"v1\""},
          {"id":"changed","kind":"trace-duration","over":"1s","etag":"\"v2\""},
          {"id":"extra","kind":"error","etag":"\"v3\""}]}
        """;

    private const string Wanted = """
        rules:
          - id: kept
            kind: window
            above: 500ms
          - id: changed
            kind: trace-duration
            over: 2s
          - id: added
            kind: burn-rate
            objective: 99.5
            latency: 300ms
            match: { service: checkout }
        """;

    private readonly HttpListener _service = new();
    private readonly string _url;
    private readonly List<string> _asked = [];
    private int _status = 200;

    public RulesTests()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _url = $"http://localhost:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _service.Prefixes.Add($"{_url}/");
        _service.Start();
        _ = ServeAsync();
    }

    public void Dispose() => _service.Close();

    [Fact]
    public async Task A_dry_run_prints_the_difference_and_changes_nothing()
    {
        CommandResult result = await ApplyAsync(Wanted, "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["GET /api/alert-rules"], _asked);
        Assert.Contains("~ changed\n    - over: \"1s\"\n    + over: \"2s\"\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("+ added\n    + kind: \"burn-rate\"", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("extra", result.Output, StringComparison.Ordinal);
        Assert.Contains("3 rule(s), 2 change(s), nothing changed yet", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_put_in_the_version_that_was_compared()
    {
        CommandResult result = await ApplyAsync(Wanted);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["GET /api/alert-rules", "PUT /api/alert-rules/changed If-Match: \"v2\"", "PUT /api/alert-rules/added If-None-Match: *"], _asked);
    }

    [Fact]
    public async Task Only_a_prune_deletes_what_is_not_in_the_file()
    {
        CommandResult result = await ApplyAsync(Wanted, "--prune");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("DELETE /api/alert-rules/extra If-Match: \"v3\"", _asked);
        Assert.Contains("- extra", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rules:\n  - id: a\n    kind: window\n    abvoe: 1", "line 2: 'abvoe' is not known here")]
    [InlineData("rules:\n  - kind: error", "line 2: 'id' must have")]
    [InlineData("rules:\n  - {id: a, kind: error}\n  - {id: a, kind: error}", "line 3: 'a' is there twice")]
    [InlineData("rules: [", "line ")]
    [InlineData("- id: a", "'rules:'")]
    [InlineData("rules:\n  - id: a\n    kind: attribute\n    key: b\n    value: 500", "'value' must be a text in quotes")]
    [InlineData("rules:\n  - just text", "line 2: A JSON object is expected")]
    public async Task A_file_that_is_not_valid_changes_nothing_and_says_where_and_why(string yaml, string expected)
    {
        CommandResult result = await ApplyAsync(yaml);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Aliases_that_multiply_are_refused()
    {
        var yaml = new StringBuilder("rules:\n  - &l0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int level = 1; level < 9; level++)
        {
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - &l{level} [{string.Join(',', Enumerable.Repeat($"*l{level - 1}", 10))}]\n");
        }

        CommandResult result = await ApplyAsync(yaml.ToString());
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("too big", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_somebody_else_changed_meanwhile_is_not_overwritten()
    {
        _status = 412;
        CommandResult result = await ApplyAsync(Wanted);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("changed: Somebody else changed it.", result.Errors, StringComparison.Ordinal);
    }

    private Task<CommandResult> ApplyAsync(string yaml, params string[] more) =>
        CommandLine.RunAsync(["rules", "apply", "-", "--url", _url, .. more], Encoding.UTF8.GetBytes(yaml));

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _service.GetContextAsync();
                HttpListenerRequest request = context.Request;
                string version = request.Headers["If-Match"] is { } match ? $" If-Match: {match}" : request.Headers["If-None-Match"] is { } none ? $" If-None-Match: {none}" : string.Empty;
                _asked.Add($"{request.HttpMethod} {request.Url!.AbsolutePath}{version}");
                bool reads = request.HttpMethod == "GET";
                context.Response.StatusCode = reads ? 200 : _status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(reads ? Current : """{"detail":"Somebody else changed it."}"""));
                context.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
