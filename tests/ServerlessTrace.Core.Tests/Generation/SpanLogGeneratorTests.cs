using System.Buffers;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Core.Tests.Generation;

public class SpanLogGeneratorTests
{
    [Theory]
    [InlineData(LoadShape.Realistic)]
    [InlineData(LoadShape.Benchmark)]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others(LoadShape shape)
    {
        byte[] first = Generate(new GeneratorOptions { Spans = 3_000, Seed = 7, Shape = shape });
        byte[] again = Generate(new GeneratorOptions { Spans = 3_000, Seed = 7, Shape = shape });
        byte[] other = Generate(new GeneratorOptions { Spans = 3_000, Seed = 8, Shape = shape });

        Assert.True(first.AsSpan().SequenceEqual(again));
        Assert.False(first.AsSpan().SequenceEqual(other));
    }

    [Fact]
    public void A_seed_means_the_same_load_in_every_version()
    {
        byte[] bytes = Generate(new GeneratorOptions { Spans = 1, Seed = 42 });

        string line = Encoding.UTF8.GetString(bytes).Split('\n')[0];
        Assert.StartsWith("{\"timestamp\":\"2026-02-26T18:00:00.000000Z\",\"service\":\"api-gateway\",\"trace_id\":\"", line, StringComparison.Ordinal);
        Assert.Equal("d72c1692509d2c5ea5a7fe4e63a4f49d", JsonDocument.Parse(line).RootElement.GetProperty("trace_id").GetString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(4_321)]
    public void Realistic_load_has_exactly_the_spans_asked_for(int spans)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = spans });
        List<JsonElement> records = Records(generator);

        Assert.Equal(spans, generator.SpanCount);
        Assert.Equal(spans, records.Select(Ids).Distinct().Count());
    }

    [Fact]
    public void Each_realistic_span_starts_and_ends_once_and_in_order_of_time()
    {
        List<JsonElement> records = Records(new SpanLogGenerator(new GeneratorOptions { Spans = 2_000, TracesPerBatch = 1_000 }));

        Assert.All(
            records.GroupBy(Ids),
            span =>
            {
                Assert.Equal("span_start", Text(span.First(), "event"));
                Assert.Equal("span_end", Text(span.Last(), "event"));
                Assert.All(span.Skip(1).SkipLast(1), record => Assert.Equal("span_event", Text(record, "event")));
            });
        string[] times = [.. records.Select(record => Text(record, "timestamp")!)];
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
    }

    [Theory]
    [InlineData(LoadShape.Realistic)]
    [InlineData(LoadShape.Benchmark)]
    public void Every_trace_is_complete(LoadShape shape)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = 20_000, Shape = shape });
        var batch = new SpanBatch();
        while (generator.Next(batch))
        {
            SpanRecord[] spans = batch.Spans.ToArray();
            ILookup<(TraceId, SpanId), SpanRecord> children = spans.ToLookup(span => (span.TraceId, span.ParentSpanId));
            Assert.Equal(spans.Length, spans.Select(span => (span.TraceId, span.SpanId)).Distinct().Count());
            Assert.All(spans, span => Assert.NotEqual(SpanFlags.None, span.Flags & SpanFlags.Ended));
            foreach (IGrouping<TraceId, SpanRecord> trace in spans.GroupBy(span => span.TraceId))
            {
                HashSet<SpanId> ids = [.. trace.Select(span => span.SpanId)];
                Assert.Single(trace, span => span.ParentSpanId.IsZero);
                Assert.All(trace, span => Assert.True(span.ParentSpanId.IsZero || ids.Contains(span.ParentSpanId)));
            }

            foreach (SpanRecord span in spans.Where(span => span.Kind is SpanKind.Client or SpanKind.Producer))
            {
                SpanKind answer = span.Kind == SpanKind.Client ? SpanKind.Server : SpanKind.Consumer;
                bool answered = children[(span.TraceId, span.SpanId)].Any(child => child.Kind == answer && child.Service != span.Service);
                string? peer = Attribute(batch, span, "peer.service");
                Assert.True(answered || (peer is not null && !SpanLogGenerator.Services.Contains(peer)), $"{batch.Text(span.Name)} calls nobody");
            }
        }
    }

    [Fact]
    public void A_child_begins_within_its_parent_unless_a_message_carried_it()
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = 20_000 });
        var batch = new SpanBatch();
        while (generator.Next(batch))
        {
            SpanRecord[] spans = batch.Spans.ToArray();
            Dictionary<(TraceId, SpanId), SpanRecord> byId = spans.ToDictionary(span => (span.TraceId, span.SpanId));
            foreach (SpanRecord span in spans.Where(span => !span.ParentSpanId.IsZero))
            {
                SpanRecord parent = byId[(span.TraceId, span.ParentSpanId)];
                Assert.True(span.Start >= parent.Start);
                Assert.True(span.Kind == SpanKind.Consumer || span.End <= parent.End, $"{batch.Text(span.Name)} outlives {batch.Text(parent.Name)}");
            }
        }
    }

    [Fact]
    public void Realistic_load_has_traces_of_many_sizes_errors_retries_messages_and_events()
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = 50_000 });
        var batch = new SpanBatch();
        List<int> sizes = [];
        HashSet<string> services = [];
        int errors = 0, retries = 0, consumers = 0, events = 0;
        while (generator.Next(batch))
        {
            sizes.AddRange(batch.Spans.ToArray().GroupBy(span => span.TraceId).Select(trace => trace.Count()));
            foreach (SpanRecord span in batch.Spans)
            {
                services.Add(batch.Text(span.Service));
                errors += span.Status == SpanStatus.Error ? 1 : 0;
                retries += Attribute(batch, span, "retry_count") is null ? 0 : 1;
                consumers += span.Kind == SpanKind.Consumer ? 1 : 0;
                events += span.EventCount;
            }
        }

        Assert.Equal(SpanLogGenerator.Services.Order(), services.Order());
        Assert.True(sizes.Min() <= 7 && sizes.Max() >= 100 && sizes.Distinct().Count() > 20, $"{sizes.Min()} to {sizes.Max()}");
        Assert.InRange(errors, 500, 5_000);
        Assert.True(retries > 20 && consumers > 500 && events > 200, $"{retries} retries, {consumers} consumers, {events} events");
    }

    [Fact]
    public void Benchmark_load_is_one_record_of_900_bytes_and_more_a_span_ten_spans_a_trace()
    {
        byte[] bytes = Generate(new GeneratorOptions { Spans = 10_000, Shape = LoadShape.Benchmark });
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement[] records = [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];

        Assert.Equal(10_000, lines.Length);
        Assert.True(lines.Min(line => line.Length) >= 900, $"the shortest has {lines.Min(line => line.Length)} bytes");
        Assert.All(records, record => Assert.Equal("span_end", Text(record, "event")));
        Assert.All(records, record => Assert.True(record.GetProperty("attributes").EnumerateObject().Count() >= 6));
        Assert.All(records.GroupBy(record => Text(record, "trace_id")), trace => Assert.Equal(10, trace.Count()));
        Assert.Equal(10_000, records.Select(record => Text(record, "request_id")).Distinct().Count());
        Assert.Equal(10_000, records.Select(record => Text(record.GetProperty("attributes"), "url.full")).Distinct().Count());
        Assert.True(records.Select(record => Text(record.GetProperty("attributes"), "network.peer.address")).Distinct().Count() > 9_900);
    }

    [Fact]
    public void Split_by_service_writes_the_same_lines_into_a_stream_a_service()
    {
        var options = new GeneratorOptions { Spans = 5_000, Seed = 3 };
        Dictionary<string, MemoryStream> files = [];
        new SpanLogGenerator(options).WriteByService(service => files.TryGetValue(service, out MemoryStream? file) ? file : files[service] = new MemoryStream());

        string[] together = Lines(Generate(options));
        string[] split = [.. files.Values.SelectMany(file => Lines(file.ToArray()))];
        Assert.Equal(SpanLogGenerator.Services.Order(), files.Keys.Order());
        Assert.Equal(together.Order(StringComparer.Ordinal), split.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.All(Lines(file.Value.ToArray()), line => Assert.Contains($"\"service\":\"{file.Key}\"", line, StringComparison.Ordinal)));
    }

    [Fact]
    public void Traces_start_at_the_time_given_and_at_the_rate_given()
    {
        DateTimeOffset start = new(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = 100, Shape = LoadShape.Benchmark, Start = start, TracesPerSecond = 5 });
        var batch = new SpanBatch();
        Assert.True(generator.Next(batch));

        long[] roots = [.. batch.Spans.ToArray().Where(span => span.ParentSpanId.IsZero).Select(span => span.Start)];
        long first = start.ToUnixTimeMilliseconds() * 1_000_000;
        Assert.Equal(Enumerable.Range(0, 10).Select(trace => first + (trace * 200_000_000L)), roots);
        Assert.False(generator.Next(batch));
    }

    private static byte[] Generate(GeneratorOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        new SpanLogGenerator(options).Write(output);
        return output.WrittenSpan.ToArray();
    }

    private static List<JsonElement> Records(SpanLogGenerator generator)
    {
        using var stream = new MemoryStream();
        generator.Write(stream);
        return [.. Lines(stream.ToArray()).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string[] Lines(byte[] bytes) => Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static (string?, string?) Ids(JsonElement record) => (Text(record, "trace_id"), Text(record, "span_id"));

    private static string? Text(JsonElement record, string field) => record.GetProperty(field).GetString();

    private static string? Attribute(SpanBatch batch, SpanRecord span, string key)
    {
        foreach (SpanAttribute attribute in batch.Attributes(span))
        {
            if (batch.Text(attribute.Key) == key)
            {
                return attribute.IsText ? batch.Text(attribute.Text) : attribute.Bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
