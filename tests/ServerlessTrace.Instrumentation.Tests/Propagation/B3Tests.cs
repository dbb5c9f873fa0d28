using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Tests.Propagation;

public sealed class B3Tests
{
    private const string Trace = Contexts.Trace;
    private const string Span = Contexts.Span;

    private static TextMapPropagator Http => TracePropagators.Http;

    [Theory]
    [InlineData($"{Trace}-{Span}-1", $"{Trace}-{Span}-01")]
    [InlineData($"{Trace}-{Span}-0", $"{Trace}-{Span}-00")]
    [InlineData($"{Trace}-{Span}-d", $"{Trace}-{Span}-01")]
    [InlineData($"{Trace}-{Span}", $"{Trace}-{Span}-01")]
    [InlineData($"{Trace}-{Span}-1-05e3ac9a4f6e3b90", $"{Trace}-{Span}-01")]
    [InlineData($"8448eb211c80319c-{Span}-1", $"00000000000000008448eb211c80319c-{Span}-01")]
    [InlineData($"0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-1", $"{Trace}-{Span}-01")]
    [InlineData("0", "none")]
    [InlineData("", "none")]
    [InlineData($"{Trace}-{Span}-2", "none")]
    [InlineData($"{Trace}-{Span}-1-05e3ac9a4f6e3b90-1", "none")]
    [InlineData($"00000000000000000000000000000000-{Span}-1", "none")]
    [InlineData($"{Trace}-0000000000000000-1", "none")]
    [InlineData($"{Trace}0-{Span}-1", "none")]
    [InlineData($"xyz-{Span}-1", "none")]
    public void The_single_header_is_read(string header, string expected) => Assert.Equal(expected, Http.Extract(("b3", header)).Text());

    [Theory]
    [InlineData("1", null, "01")]
    [InlineData("0", null, "00")]
    [InlineData("true", null, "01")]
    [InlineData(null, null, "01")]
    [InlineData("0", "1", "01")]
    public void The_headers_of_the_old_form_are_read(string? sampled, string? flags, string expected)
    {
        (string, string)[] headers =
        [
            ("X-B3-TraceId", Trace), ("x-b3-spanid", Span),
            .. sampled is null ? [] : new[] { ("X-B3-Sampled", sampled) }, .. flags is null ? [] : new[] { ("X-B3-Flags", flags) },
        ];

        Assert.Equal($"{Trace}-{Span}-{expected}", Http.Extract(headers).Text());
    }

    [Fact]
    public void Traceparent_counts_before_b3_and_b3_where_traceparent_is_broken()
    {
        const string other = "11111111111111111111111111111111";

        Assert.StartsWith(Trace, Http.Extract(("traceparent", Contexts.Parent), ("b3", $"{other}-{Span}-1")).Text(), StringComparison.Ordinal);
        Assert.StartsWith(other, Http.Extract(("traceparent", "nonsense"), ("b3", $"{other}-{Span}-1")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_headers_that_disagree_are_none()
    {
        Assert.Equal("none", Http.Extract(("X-B3-TraceId", Trace), ("X-B3-TraceId", Trace), ("X-B3-SpanId", Span)).Text());
    }

    [Theory]
    [InlineData(B3Headers.None, "traceparent")]
    [InlineData(B3Headers.Single, $"traceparent b3={Trace}-{Span}-1")]
    [InlineData(B3Headers.Multi, $"traceparent X-B3-TraceId={Trace} X-B3-SpanId={Span} X-B3-Sampled=1")]
    public void The_form_asked_for_is_written_beside_traceparent(B3Headers form, string expected)
    {
        Dictionary<string, string> headers = TracePropagators.CreateHttp(form).Inject(Contexts.Of());

        Assert.Equal(expected, string.Join(' ', headers.Select(header => header.Key == "traceparent" ? header.Key : $"{header.Key}={header.Value}")));
        Assert.Equal($"{Trace}-{Span}-01", Http.Extract([.. headers.Where(header => header.Key != "traceparent" || form == B3Headers.None).Select(header => (header.Key, header.Value))]).Text());
    }
}
