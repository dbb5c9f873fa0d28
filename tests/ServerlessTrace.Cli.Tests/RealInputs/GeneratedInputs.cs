using System.Globalization;
using System.Text.Json;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>Inputs that are too long to be kept as files.</summary>
internal static class GeneratedInputs
{
    private const string JaegerTrace = "f229796cda43df60";

    public static string Content(string file) => file switch
    {
        "fluent-bit-cri-2000-one-truncated.ndjson" => string.Concat(Enumerable.Range(0, 2000).Select(ContainerRecord)),
        "jaeger-sorted-keys-large.json" => SortedJaeger(),
        "jaeger-many-processes-first.json" => ProcessesFirst(),
        _ => throw new ArgumentOutOfRangeException(nameof(file), file, "nothing generates this file"),
    };

    private static string ContainerRecord(int i)
    {
        string record = string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp": "2026-02-26T18:00:{{i % 60:d2}}Z", "service": "pay", "trace_id": "6530d7d67a99987d946f0be78b547ac1", "span_id": "b7ad6b71{{i + 1:x8}}", "span_name": "op{{i}}", "duration_ms": 500}""");
        return JsonSerializer.Serialize(new { time = "2026-02-26T18:00:00.000000000Z", stream = "stdout", _p = "F", log = i == 3 ? record[..60] : record }) + "\n";
    }

    private static string SortedJaeger()
    {
        IEnumerable<object> spans = Enumerable.Range(0, 400).Select(i => (object)new
        {
            duration = i > 0 ? 90 : 1_000_000,
            flags = 1,
            logs = Array.Empty<object>(),
            operationName = string.Create(CultureInfo.InvariantCulture, $"op{i}"),
            processID = "p1",
            references = i > 0 ? new[] { new { refType = "CHILD_OF", spanID = "0000000000000001", traceID = JaegerTrace } } : [],
            spanID = string.Create(CultureInfo.InvariantCulture, $"{i + 1:x16}"),
            startTime = 1530575763255726 + (100 * i),
            tags = new[] { new { key = "span.kind", type = "string", value = "internal" }, new { key = "pad", type = "string", value = new string('x', 60) } },
            traceID = JaegerTrace,
            warnings = (object?)null,
        });
        object trace = new { processes = new { p1 = new { serviceName = "shop", tags = Array.Empty<object>() } }, spans, traceID = JaegerTrace, warnings = (object?)null };
        return JsonSerializer.Serialize(new { data = new[] { trace }, errors = (object?)null, limit = 0, offset = 0, total = 0 });
    }

    private static string ProcessesFirst()
    {
        Dictionary<string, object> processes = Enumerable.Range(0, 600).ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"p{i}"), i => (object)new
        {
            serviceName = string.Create(CultureInfo.InvariantCulture, $"svc{i}"),
            tags = new[] { new { key = "hostname", type = "string", value = string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $"h{i}"), 20)) } },
        });
        object span = new
        {
            traceID = JaegerTrace, spanID = "1", operationName = "op", references = Array.Empty<object>(), startTime = 1530575763255726, duration = 10,
            tags = Array.Empty<object>(), logs = Array.Empty<object>(), processID = "p1",
        };
        return JsonSerializer.Serialize(new { data = new[] { new { processes, spans = new[] { span }, traceID = JaegerTrace } } });
    }
}
