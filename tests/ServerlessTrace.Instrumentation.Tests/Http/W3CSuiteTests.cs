using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Instrumentation.Harness;

namespace ServerlessTrace.Instrumentation.Tests.Http;

/// <summary>
/// The checks of the W3C's trace-context test suite, levels 1 and 2, over real HTTP against the same harness that the suite itself can be
/// run against (see the harness's Program.cs).
/// </summary>
public sealed partial class W3CSuiteTests : IAsyncLifetime
{
    private const string Trace = "12345678901234567890123456789012";
    private const string Span = "1234567890123456";
    private const string Valid = $"traceparent: 00-{Trace}-{Span}-00";

    private readonly WebApplication _service = TestService.Create("http://127.0.0.1:0");
    private readonly ConcurrentQueue<IHeaderDictionary> _callbacks = new();
    private readonly WebApplication _suite = Suite();

    public async Task InitializeAsync()
    {
        _suite.MapPost("/callback", (HttpRequest request) =>
        {
            _callbacks.Enqueue(new HeaderDictionary(request.Headers.ToDictionary()));
            return Results.Ok();
        });
        await _suite.StartAsync();
        await _service.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _suite.DisposeAsync();
    }

    public static TheoryData<string> Continued => new(
    [
        Valid,
        $"TraceParent: 00-{Trace}-{Span}-00",
        $"TRACEPARENT: 00-{Trace}-{Span}-00",
        $"traceparent:  \t00-{Trace}-{Span}-00 \t",
        $"traceparent: cc-{Trace}-{Span}-01",
        $"traceparent: cc-{Trace}-{Span}-01-what-the-future-will-be-like",
    ]);

    public static TheoryData<string> Broken => new(
    [
        "x: none",
        $"tracestate: foo=1",
        $"{Valid}\r\n{Valid}",
        $"{Valid}\r\ntraceparent: 00-12345678901234567890123456789013-{Span}-01",
        $"trace-parent: 00-{Trace}-{Span}-01",
        $"trace.parent: 00-{Trace}-{Span}-01",
        $"traceparent: 00-{Trace}-{Span}-01.",
        $"traceparent: 00-{Trace}-{Span}-01-what-the-future-will-be-like",
        $"traceparent: cc-{Trace}-{Span}-01.what-the-future-will-not-be-like",
        $"traceparent: ff-{Trace}-{Span}-01",
        $"traceparent: .0-{Trace}-{Span}-01",
        $"traceparent: 0.-{Trace}-{Span}-01",
        $"traceparent: 000-{Trace}-{Span}-01",
        $"traceparent: 0000-{Trace}-{Span}-01",
        $"traceparent: 0-{Trace}-{Span}-01",
        $"traceparent: 00-{new string('0', 32)}-{Span}-01",
        $"traceparent: 00-.2345678901234567890123456789012-{Span}-01",
        $"traceparent: 00-1234567890123456789012345678901.-{Span}-01",
        $"traceparent: 00-{Trace}3-{Span}-01",
        $"traceparent: 00-{Trace[1..]}-{Span}-01",
        $"traceparent: 00-{Trace}-{new string('0', 16)}-01",
        $"traceparent: 00-{Trace}-.234567890123456-01",
        $"traceparent: 00-{Trace}-123456789012345.-01",
        $"traceparent: 00-{Trace}-{Span}7-01",
        $"traceparent: 00-{Trace}-{Span[1..]}-01",
        $"traceparent: 00-{Trace}-{Span}-.0",
        $"traceparent: 00-{Trace}-{Span}-0.",
        $"traceparent: 00-{Trace}-{Span}-001",
        $"traceparent: 00-{Trace}-{Span}-1",
    ]);

    public static TheoryData<string, string?> States => new()
    {
        { "tracestate: foo=1,bar=2", "foo=1,bar=2" },
        { "TraceState: foo=1", "foo=1" },
        { "trace-state: foo=1", null },
        { "tracestate: ", null },
        { "tracestate: foo=1\r\ntracestate: ", "foo=1" },
        { "tracestate: foo=1,bar=2\r\ntracestate: rojo=1,congo=2\r\ntracestate: baz=3", "foo=1,bar=2,rojo=1,congo=2,baz=3" },
        { "tracestate: foo=1,foo=2", "foo=1" },
        { "tracestate: foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3" },
        { "tracestate:  foo=1 \t", "foo=1" },
        { "tracestate: foo =1", null },
        { "tracestate: FOO=1", null },
        { "tracestate: foo.bar=1", null },
        { "tracestate: foo@=1,bar=2", "foo@=1,bar=2" },
        { "tracestate: foo@@bar=1,bar=2", "foo@@bar=1,bar=2" },
        { "tracestate: @foo=1,bar=2", null },
        { "tracestate: foo=bar=baz", null },
        { "tracestate: foo=,bar=3", null },
        { $"tracestate: {Members(32)}", Members(32) },
        { $"tracestate: {Members(33)}", null },
        { $"tracestate: {new string('z', 256)}=1", $"{new string('z', 256)}=1" },
        { $"tracestate: {new string('z', 257)}=1", null },
        { "tracestate: abcdefghijklmnopqrstuvwxyz0123456789_-*/=!\"#$%&'()*+-./0123456789:;<>?@A[\\]^_`a{|}~", "abcdefghijklmnopqrstuvwxyz0123456789_-*/=!\"#$%&'()*+-./0123456789:;<>?@A[\\]^_`a{|}~" },
    };

    [Theory]
    [MemberData(nameof(Continued))]
    public async Task A_valid_parent_is_continued_with_a_span_of_its_own(string headers)
    {
        (string trace, string span, _) = Parent(Assert.Single(await CallAsync(headers, 1)));

        Assert.Equal(Trace, trace);
        Assert.NotEqual(Span, span);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_missing_or_broken_parent_begins_a_new_trace(string headers)
    {
        IHeaderDictionary callback = Assert.Single(await CallAsync(headers, 1));

        Assert.NotEqual(Trace, Parent(callback).Trace);
        Assert.Empty(callback["tracestate"].ToString());
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task State_is_inherited_or_discarded(string headers, string? expected)
    {
        IHeaderDictionary callback = Assert.Single(await CallAsync($"{Valid}\r\n{headers}", 1));

        Assert.Equal(Trace, Parent(callback).Trace);
        Assert.Equal(expected ?? string.Empty, string.Join(',', callback["tracestate"].ToArray()));
    }

    [Theory]
    [InlineData($"traceparent: 00-{Trace}-{Span}-01", true)]
    [InlineData("x: none", false)]
    [InlineData("traceparent: 00-00000000000000000000000000000000-1234567890123456-01", false)]
    public async Task Every_call_has_a_span_of_its_own(string headers, bool isContinued)
    {
        (string Trace, string Span, string Flags)[] parents = [.. (await CallAsync(headers, 3)).Select(Parent)];

        Assert.Equal(3, parents.Select(parent => parent.Span).Distinct().Count());
        Assert.All(parents, parent => Assert.Equal(isContinued, parent.Trace == Trace));
    }

    [Theory]
    [InlineData("02", true)]
    [InlineData("03", true)]
    [InlineData("00", false)]
    public async Task The_random_flag_is_passed_on(string flags, bool isRandom)
    {
        (_, _, string passed) = Parent(Assert.Single(await CallAsync($"traceparent: 00-{Trace}-{Span}-{flags}", 1)));

        Assert.Equal(isRandom, (Convert.ToInt32(passed, 16) & 2) != 0);
    }

    private static string Members(int count) => string.Join(',', Enumerable.Range(1, count).Select(i => $"bar{i:d2}={i:d2}"));

    private static (string Trace, string Span, string Flags) Parent(IHeaderDictionary headers)
    {
        Match match = Version00().Match(Assert.Single(headers["traceparent"].ToArray())!);
        Assert.True(match.Success);
        return (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
    }

    [GeneratedRegex("^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")]
    private static partial Regex Version00();

    private static WebApplication Suite()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    /// <summary>Has the service call back so often; the headers go out byte by byte as they are, which no client of .NET's would do.</summary>
    private async Task<IReadOnlyList<IHeaderDictionary>> CallAsync(string headers, int count)
    {
        string callback = $$"""{"url":"{{_suite.Urls.First()}}/callback","arguments":[]}""";
        string body = $"[{string.Join(',', Enumerable.Repeat(callback, count))}]";
        var service = new Uri(_service.Urls.First());
        using var client = new TcpClient();
        await client.ConnectAsync(service.Host, service.Port);
        await using NetworkStream stream = client.GetStream();
        string request = $"POST /test HTTP/1.1\r\nHost: {service.Authority}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n\r\n{body}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(count, _callbacks.Count);
        return [.. _callbacks];
    }
}
