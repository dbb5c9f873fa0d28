using System.Globalization;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>A random span, as other tracers write it and as it is to be read.</summary>
internal sealed class ForeignSpan
{
    private const int NanosPerMicro = 1_000;

    private static readonly string[] Names = ["http.method", "a", "é\u0001\"\\", "a.name.that.is.longer.than.one.vector.of.bytes", "customer", "", "\ud83d\ude00"];

    private readonly string _trace;
    private readonly string _id;
    private readonly string? _parent;
    private readonly string _name;
    private readonly string _service;
    private readonly long _start;
    private readonly long _duration;
    private readonly (string Key, object? Value)[] _attributes;

    public ForeignSpan(Random random)
    {
        _trace = Hex(random) + Hex(random);
        _id = Hex(random);
        _parent = random.Next(3) == 0 ? null : Hex(random);
        _name = "span " + Names[random.Next(Names.Length)];
        _service = "service" + random.Next(3).ToString(CultureInfo.InvariantCulture);
        _start = 1_772_128_800_000_000 + random.Next(1_000_000_000);
        _duration = random.Next(10_000_000);
        _attributes = [.. Names.Where(name => name.Length > 0 && random.Next(3) > 0).Select(name => (name, Value(random)))];
    }

    public object Zipkin => Fields(
        ("traceId", Plain(_trace)), ("id", Plain(_id)), ("parentId", Plain(_parent)), ("name", _name), ("kind", "CLIENT"), ("timestamp", _start), ("duration", _duration),
        ("localEndpoint", Fields(("serviceName", _service))), ("tags", Fields(_attributes)), ("annotations", Array.Empty<object?>()));

    public object Jaeger => Fields(
        ("traceID", Plain(_trace)), ("spanID", Plain(_id)), ("operationName", _name), ("startTime", _start), ("duration", _duration), ("processID", _service), ("flags", 1L), ("warnings", null),
        ("references", _parent is null ? [] : new object?[] { Fields(("refType", "CHILD_OF"), ("traceID", _trace), ("spanID", _parent)) }),
        ("tags", new object?[] { Fields(("key", "span.kind"), ("type", "string"), ("value", "client")) }.Concat(_attributes.Select(Tag)).ToArray()));

    public (string Name, object? Value) JaegerProcess => (_service, Fields(("serviceName", _service), ("tags", Array.Empty<object?>())));

    public object Azure => Fields(
        ("time", DateTime.UnixEpoch.AddMicroseconds(_start).ToString("O", CultureInfo.InvariantCulture)), ("Type", Plain("AppDependencies")), ("OperationId", _trace), ("Id", _id),
        ("ParentId", _parent ?? _trace), ("Name", _name), ("AppRoleName", _service), ("DurationMs", _duration / 1e3), ("DependencyType", "Other"), ("Properties", Fields(_attributes)), ("Unknown", new JsonSpelling.Raw("[{}]")));

    /// <summary>How it is to be read.</summary>
    public string Expected(params (string Key, string Value)[] more)
    {
        var span = new ReadSpan
        {
            TraceId = _trace,
            SpanId = _id,
            ParentSpanId = _parent ?? new string('0', 16),
            Start = _start * NanosPerMicro,
            End = (_start + _duration) * NanosPerMicro,
            Duration = _duration * NanosPerMicro,
            Service = _service,
            Name = _name,
            Kind = SpanKind.Client,
            Flags = SpanFlags.Started | SpanFlags.Ended,
        };
        foreach ((string key, object? value) in _attributes.Where(attribute => attribute.Value is not null))
        {
            span.Attributes.Add(key, Text(value!));
        }

        foreach ((string key, string value) in more)
        {
            span.Attributes.Add(key, value);
        }

        return span.ToString();
    }

    private static string Text(object value) => value switch
    {
        string text => ReadSpan.Text(AttributeKind.String, text),
        long number => ReadSpan.Text(AttributeKind.Int64, number),
        double number => ReadSpan.Text(AttributeKind.Double, number),
        bool truth => ReadSpan.Text(AttributeKind.Bool, truth),
        _ => ReadSpan.Text(AttributeKind.Json, ((JsonSpelling.Raw)value).Json),
    };

    private static object? Tag((string Key, object? Value) attribute)
    {
        string? type = attribute.Value switch { string => "string", long => "int64", double => "float64", bool => "bool", _ => null };
        return type is null
            ? Fields(("key", attribute.Key), ("value", attribute.Value))
            : Fields(("key", attribute.Key), ("type", type), ("value", attribute.Value));
    }

    private static (string Name, object? Value)[] Fields(params (string Name, object? Value)[] fields) => fields;

    private static object? Value(Random random) => random.Next(7) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue),
        1 => random.Next() / 1024.0 + 0.5,
        2 => random.Next(2) == 0,
        3 => null,
        4 => new JsonSpelling.Raw("{\"a\":[1,\"}\",{ }],\"b\":null}"),
        _ => Names[random.Next(Names.Length)] + random.Next(100).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Formats are told apart by values in which nobody writes escapes.</summary>
    private static JsonSpelling.Raw Plain(string? text) => new(text is null ? "null" : $"\"{text}\"");

    private static string Hex(Random random) => random.NextInt64(1, long.MaxValue).ToString("x16", CultureInfo.InvariantCulture);
}
