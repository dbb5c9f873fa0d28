using FsCheck.Xunit;
using Google.Protobuf;
using ServerlessTrace.Benchmarks.Parsing.Yardstick;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Core.Tests.Formats;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Export;

/// <summary>What is exported and read again means the same, as far as the other format can say it.</summary>
public class RoundTripTests
{
    [Property(MaxTest = 200)]
    public void Otlp_says_everything_but_where_a_value_came_from(int seed)
    {
        Trace trace = ExportTests.Traces(new RandomParts(seed).Parts(30).Where(IsExportable)).FirstOrDefault() ?? new Trace();
        if (trace.SpanCount == 0 || trace.SpanCount < trace.RecordCount)
        {
            return;
        }

        Trace read = Exported.ReadBack(trace, ExportFormat.Otlp);

        Assert.Equal(Describe(trace), Describe(read));
    }

    [Property(MaxTest = 200)]
    public void Otlp_in_protobuf_says_the_same_also_to_the_official_library(int seed)
    {
        Trace trace = ExportTests.Traces(new RandomParts(seed).Parts(30).Where(IsExportable)).FirstOrDefault() ?? new Trace();
        if (trace.SpanCount == 0 || trace.SpanCount < trace.RecordCount)
        {
            return;
        }

        byte[] message = Exported.Protobuf(trace);
        Request parsed = Request.Parser.ParseFrom(message);

        Assert.Equal(Describe(trace), Describe(ReadTrace.Only(message)));
        Assert.Equal(trace.SpanCount, parsed.Groups.SelectMany(resource => resource.Scopes).Sum(scope => scope.Spans.Count));

        // It knows every field, and writes back what means the same.
        Assert.Equal(Describe(trace), Describe(ReadTrace.Only(parsed.ToByteArray())));
        Assert.Equal(Request.Parser.WithDiscardUnknownFields(true).ParseFrom(message), parsed);
    }

    [Fact]
    public void A_failed_payment_is_the_same_in_both_encodings()
    {
        Trace trace = ReadTrace.Only(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Export", "failed-payment.otlp.json")));

        Assert.Equal(Exported.Text(trace, ExportFormat.Otlp), Exported.Text(ReadTrace.Only(Exported.Protobuf(trace)), ExportFormat.Otlp));
    }

    [Fact]
    public void Lists_and_objects_inside_attributes_are_the_same_in_both_encodings()
    {
        Trace trace = new TraceBuilder().Span(1, "shop", "pay", 0, 10).With("list", "x").Build();
        string json = Exported.Text(trace, ExportFormat.Otlp).Replace(
            "{\"stringValue\":\"x\"}",
            """{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"é"},{},{"arrayValue":{"values":[]}}]}}},{"key":"b","value":{"doubleValue":1.5}},{"key":"c","value":{"boolValue":true}}]}}""",
            StringComparison.Ordinal);
        Trace nested = ReadTrace.Only(System.Text.Encoding.UTF8.GetBytes(json));

        Assert.Contains("kvlistValue", Exported.Text(nested, ExportFormat.Otlp), StringComparison.Ordinal);
        Assert.Equal(Exported.Text(nested, ExportFormat.Otlp), Exported.Text(ReadTrace.Only(Exported.Protobuf(nested)), ExportFormat.Otlp));
    }

    [Property(MaxTest = 200)]
    public void Jaeger_says_everything_but_nanoseconds_and_open_spans(int seed)
    {
        Trace trace = ExportTests.Traces(new RandomParts(seed).Parts(30).Where(IsExportable)).FirstOrDefault() ?? new Trace();
        if (trace.SpanCount == 0)
        {
            return;
        }

        Trace read = Exported.ReadBack(trace, ExportFormat.Jaeger);

        Assert.Equal(Tree(trace), Tree(read));
    }

    [Property(MaxTest = 200)]
    public void Zipkin_keeps_the_tree_times_and_failures(int seed)
    {
        Trace trace = ExportTests.Traces(new RandomParts(seed).Parts(30).Where(IsExportable)).FirstOrDefault() ?? new Trace();
        if (trace.SpanCount == 0)
        {
            return;
        }

        Trace read = Exported.ReadBack(trace, ExportFormat.Zipkin);

        Assert.Equal(Tree(trace), Tree(read));
    }

    [Theory]
    [InlineData("skew")]
    [InlineData("messaging")]
    [InlineData("ascend")]
    public void Recorded_traces_with_skewed_clocks_and_messages_keep_their_recorded_times_everywhere(string name)
    {
        Trace trace = ReadTrace.Only(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Formats", "Zipkin", name + ".json")));

        foreach (ExportFormat format in new[] { ExportFormat.Otlp, ExportFormat.Jaeger, ExportFormat.Zipkin })
        {
            Trace read = Exported.ReadBack(trace, format);
            Assert.Equal(Tree(trace), Tree(read));

            // So whoever reads them, other tools or ourselves, can set clocks right alike.
            Assert.Equal(new AdjustedTimes(trace).Clocks.Select(static clock => (clock.Service, clock.ShiftNano)), new AdjustedTimes(read).Clocks.Select(static clock => (clock.Service, clock.ShiftNano)));
        }
    }

    [Fact]
    public void Halves_of_a_call_with_one_id_have_one_again_in_zipkin()
    {
        const string Shared = """
            [{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"000000000000000a","kind":"CLIENT","name":"get","timestamp":1772128800000000,"duration":9000,"localEndpoint":{"serviceName":"web"}},
             {"traceId":"0af7651916cd43dd8448eb211c80319c","id":"000000000000000a","kind":"SERVER","name":"get","timestamp":1772128800001000,"duration":7000,"localEndpoint":{"serviceName":"app"},"shared":true}]
            """;
        Trace trace = ReadTrace.Only(System.Text.Encoding.UTF8.GetBytes(Shared));

        Assert.Equal(Tree(trace), Tree(Exported.ReadBack(trace, ExportFormat.Zipkin)));
        Assert.True(Exported.Json(trace, ExportFormat.Zipkin)[1].GetProperty("shared").GetBoolean());
        Assert.Equal("000000000000000a", Exported.Json(trace, ExportFormat.Zipkin)[1].GetProperty("id").GetString());
        Assert.Equal("000000000000000a", Exported.Json(trace, ExportFormat.Jaeger).GetProperty("data")[0].GetProperty("spans")[1].GetProperty("references")[0].GetProperty("spanID").GetString());
    }

    /// <summary>Other formats know no span without an id and a time.</summary>
    private static bool IsExportable(SpanPart part) => part.Id != 0 && (part.Start != 0 || part.End != 0);

    private static string Tree(Trace trace) => string.Join('\n', Enumerable.Range(0, trace.SpanCount)
        .Select(span => (Span: trace[span], Parent: trace.Parents[span] < 0 ? "-" : trace[trace.Parents[span]].SpanId.ToString()))
        .Select(item => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{item.Span.SpanId} < {item.Parent} {trace.Batch.Text(item.Span.Name)} {item.Span.Start} {item.Span.Status == SpanStatus.Error} {Kind(item.Span.Kind)}"))
        .Order(StringComparer.Ordinal));

    /// <summary>Zipkin does not tell these two apart.</summary>
    private static SpanKind Kind(SpanKind kind) => kind == SpanKind.Unspecified ? SpanKind.Internal : kind;

    private static string Describe(Trace trace) => string.Join('\n', Enumerable.Range(0, trace.SpanCount)
        .Select(span => Plain(trace, SpanPart.Of(trace.Batch, span), trace[span]).ToString())
        .Order(StringComparer.Ordinal));

    /// <summary>Without what OTLP has no place for: the part of a record, reported durations, which values were baggage.</summary>
    private static SpanPart Plain(Trace trace, SpanPart part, SpanRecord record)
    {
        bool ended = !record.IsOpen;
        return part with
        {
            Start = record.Start,
            End = ended ? (record.EndUnixNano != 0 ? record.EndUnixNano : record.End) : 0,
            ReportedDuration = null,
            Flags = ended ? SpanFlags.Started | SpanFlags.Ended : SpanFlags.Started,
            Service = part.Service.Length == 0 ? "source" : part.Service,
            Attributes = [.. part.Attributes.OrderBy(static attribute => attribute.Scope).Select((attribute, place) => Plain(part.Attributes, attribute))],
            Shared = Plain(part.Shared),

            // Events of one time and name are in the order of their attributes, of which the rank is part.
            Events = [.. part.Events.Select(static happened => happened with { Attributes = Plain(happened.Attributes) }).OrderBy(static happened => happened.ToString(), StringComparer.Ordinal)],
            Links = [.. part.Links.Concat(Follows(part)).OrderBy(static link => link.ToString(), StringComparer.Ordinal)],
        };
    }

    private static (TraceId Trace, ulong Span)[] Follows(SpanPart part) =>
        (part.Flags & SpanFlags.FollowsFrom) != 0 && part.Parent != 0 ? [(part.TraceId, part.Parent)] : [];

    private static PartAttribute Plain(IReadOnlyList<PartAttribute> all, PartAttribute attribute)
    {
        bool hidden = attribute.Scope == AttributeScope.Baggage && all.Any(other => other.Scope == AttributeScope.Span && other.Key == attribute.Key);
        return Plain(attribute) with { Key = hidden ? "baggage." + attribute.Key : attribute.Key, Scope = AttributeScope.Span };
    }

    private static IReadOnlyList<PartAttribute> Plain(IReadOnlyList<PartAttribute> attributes) => [.. attributes.Select(Plain)];

    /// <summary>Random JSON is a number, which OTLP knows as one.</summary>
    private static PartAttribute Plain(PartAttribute attribute) =>
        attribute with { Rank = AttributeRank.End, Kind = attribute.Kind == AttributeKind.Json ? AttributeKind.Int64 : attribute.Kind };
}
