using System.Text;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Makes up span-log records, most of them sensible, some of them not, from one seed.</summary>
internal sealed class RandomRecords(int seed)
{
    private readonly Random _random = new(seed);

    private static readonly string[] TraceIds = ["\"0af7651916cd43dd8448eb211c80319c\"", "\"0AF7651916CD43DD8448EB211C80319C\"", "\"abc\"", "\"0af76519-16cd-43dd-8448-eb211c80319c\"", "\"b7ad6b7169203331\"", "\"\"", "null", "\"xyz\"", "7", "\"00000000000000000000000000000000\"", "\"\\u0030a\""];
    private static readonly string[] SpanIds = ["\"b7ad6b7169203331\"", "\"B7AD6B7169203331\"", "\"1\"", "\"\"", "null", "\"0000000000000000\"", "\"b7ad6b71692033311\"", "{}"];
    private static readonly string[] Times = ["\"2026-02-26T18:00:00Z\"", "\"2026-02-26T18:00:00.123456Z\"", "\"2026-02-26T18:00:59.5Z\"", "\"2026-02-26 18:01:00+02:00\"", "1772128800", "1772128800.25", "1772128800123", "\"1772128800123456789\"", "\"never\"", "null", "true", "0", "1.5e9", "-3"];
    private static readonly string[] Durations = ["0", "12", "1.5", "0.0001234", "\"7\"", "1e3", "-4", "null", "\"x\"", "[]", "123456789012"];
    private static readonly string[] Events = ["\"span_start\"", "\"span_end\"", "\"span_event\"", "\"span_error\"", "\"spanEnd\"", "\"order_placed\"", "null", "\"\"", "5"];
    private static readonly string[] Kinds = ["\"SERVER\"", "\"client\"", "\"SPAN_KIND_PRODUCER\"", "4", "9", "\"odd\"", "null", "{}"];
    private static readonly string[] Statuses = ["\"OK\"", "\"ERROR\"", "\"STATUS_CODE_UNSET\"", "1", "200", "\"pending\"", "null", "{\"code\":\"ERROR\",\"message\":\"m\"}", "[]"];
    private static readonly string[] Values = ["\"text\"", "\"\"", "\"esc\\\"aped\\n\\u00e9\\ud83d\\ude00\\ud800\"", "\"naïve 😀\"", "\"a text of more than thirty-two bytes, so that one vector does not hold it\"", "0", "-0", "-17", "3.25", "1e-7", "1E400", "9223372036854775808", "-9223372036854775808", "12345678901234567.5", "true", "false", "null", "{\"a\":[1, {\"b\":null}]}", "[]", "[ ]", "{ }"];

    private static readonly (string[] Names, string[] Values, int Percent)[] Fields =
    [
        (["trace_id", "traceId", "trace.id", "TraceId"], TraceIds, 95),
        (["span_id", "spanId", "span.id"], SpanIds, 85),
        (["parent_span_id", "parentSpanId", "parent.id", "parent_id"], SpanIds, 40),
        (["timestamp"], Times, 80),
        (["time", "ts", "@timestamp"], Times, 8),
        (["start_time", "startTime"], Times, 10),
        (["end_time"], Times, 10),
        (["event"], Events, 80),
        (["event_name", "eventName"], Values, 10),
        (["span_name", "spanName"], Values, 60),
        (["operation"], Values, 5),
        (["name"], Values, 20),
        (["message", "msg"], Values, 20),
        (["span_kind", "kind"], Kinds, 40),
        (["duration_ms", "durationMs"], Durations, 40),
        (["duration_us"], Durations, 3),
        (["status"], Statuses, 30),
        (["status_message"], Values, 8),
        (["error_code", "errorCode"], Values, 8),
        (["error_message"], Values, 8),
        (["stack_trace"], Values, 8),
        (["service", "service_name", "service.name"], Values, 40),
        (["resource.service.name"], Values, 5),
        (["resource.host.name"], Values, 5),
        (["environment", "deployment.environment"], Values, 10),
        (["correlation_id", "correlationId", "X-Correlation-Id"], Values, 10),
        (["request_id"], Values, 10),
        (["level"], Values, 30),
        (["order_id"], Values, 30),
        (["caf\\u00e9", "café", "a key of more than thirty-two bytes, too long for a vector"], Values, 10),
    ];

    /// <summary>One JSON object on one line.</summary>
    public string Next()
    {
        List<string> fields = [];
        foreach ((string[] names, string[] values, int percent) in Fields)
        {
            if (_random.Next(100) < percent)
            {
                // The first values are the sensible ones.
                int choice = _random.Next(100) < 60 ? 0 : _random.Next(values.Length);
                fields.Add(Field(names[_random.Next(names.Length)], values[choice]));
            }
        }

        if (_random.Next(100) < 60)
        {
            fields.Add(Field("attributes", Object("order_id", "user.id", "amount", "x", "y")));
        }

        if (_random.Next(100) < 15)
        {
            fields.Add(Field("baggage", Object("tier", "user.id")));
        }

        if (_random.Next(100) < 15)
        {
            fields.Add(Field("resource", Object("service.name", "host.name", "deployment.environment")));
        }

        if (_random.Next(100) < 30)
        {
            Shuffle(fields);
        }

        return $"{{{Blank()}{string.Join(',' + Blank(), fields)}{Blank()}}}";
    }

    private string Object(params string[] names) =>
        $"{{{Blank()}{string.Join(Blank() + ",", Enumerable.Range(0, _random.Next(8)).Select(_ => Field(names[_random.Next(names.Length)], Values[_random.Next(Values.Length)])))}{Blank()}}}";

    private string Field(string name, string value) => new StringBuilder().Append('"').Append(name).Append('"').Append(Blank()).Append(':').Append(Blank()).Append(value).ToString();

    private string Blank() => _random.Next(10) switch { 0 => " ", 1 => " \t ", _ => "" };

    private void Shuffle(List<string> fields)
    {
        for (int i = fields.Count - 1; i > 0; i--)
        {
            int other = _random.Next(i + 1);
            (fields[i], fields[other]) = (fields[other], fields[i]);
        }
    }
}
