using System.Globalization;
using System.Text.Json;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>One case: files, and what must be read of them. The fields of <c>expect</c> are explained in <c>Cases/README.md</c>.</summary>
internal sealed class RealCase(JsonElement definition)
{
    private const double ToleranceMs = 0.001;

    /// <summary>Where a file of the cases lies.</summary>
    public static string PathOf(string file) => Path.Join(AppContext.BaseDirectory, "RealInputs", "Cases", file);

    /// <summary>What does not hold; null if all does.</summary>
    public async Task<string?> FindProblemAsync()
    {
        using LogFolder generated = new();
        string[] paths = [.. Texts(definition.GetProperty("files")).Select(file => PathFor(file, generated))];
        RealReading reading = await RealReading.OfAsync(paths);
        JsonElement expect = definition.GetProperty("expect");
        List<string> problems = [.. Problems(expect, reading)];
        if (expect.TryGetProperty("validate", out _))
        {
            problems.AddRange(await DisagreementsAsync(paths));
        }

        bool holds = problems.Count == 0
            || (definition.TryGetProperty("orExpect", out JsonElement others) && others.EnumerateArray().Any(other => !Problems(other, reading).Any()))
            || (definition.TryGetProperty("orRefusalNames", out JsonElement names) && reading.IsRefusedAs(Texts(names)));
        return holds ? null : string.Join("; ", problems);
    }

    private string PathFor(string file, LogFolder generated)
    {
        bool isGenerated = definition.TryGetProperty("generate", out JsonElement names) && Texts(names).Contains(file);
        if (!isGenerated)
        {
            return PathOf(file);
        }

        File.WriteAllText(generated[file], GeneratedInputs.Content(file));
        return generated[file];
    }

    /// <summary>The command <c>validate</c> must fail for each file of which nothing is read.</summary>
    private static async Task<string[]> DisagreementsAsync(string[] paths)
    {
        List<string> problems = [];
        foreach (string path in paths)
        {
            RealReading alone = await RealReading.OfAsync([path]);
            if (alone.ExitCode != 0 && (await CommandLine.RunAsync("validate", path)).ExitCode != 1)
            {
                problems.Add($"validate is content with {Path.GetFileName(path)}, of which nothing is read");
            }
        }

        return [.. problems];
    }

    private static IEnumerable<string> Problems(JsonElement expect, RealReading reading)
    {
        foreach (JsonProperty field in expect.EnumerateObject())
        {
            IEnumerable<string> found = field.Name switch
            {
                "traces" => TraceProblems(field.Value, reading),
                "rejected" => Unless(reading.Rejected == field.Value.GetInt64(), $"{reading.Rejected} records rejected, not {field.Value}"),
                "rejectedMax" => Unless(reading.Rejected <= field.Value.GetInt64(), $"{reading.Rejected} records rejected, not {field.Value} at most"),
                "rejectedLines" => Unless(
                    field.Value.EnumerateArray().All(line => reading.RejectedLines.Contains(line.GetInt64())),
                    $"no rejection names lines {field.Value}, but {string.Join(',', reading.RejectedLines)}"),
                "eventsAtLeast" => Unless(reading.Events >= field.Value.GetInt64(), $"{reading.Events} events, not {field.Value} at least"),
                "refusalNames" => Unless(reading.IsRefusedAs(Texts(field.Value)), $"not refused as {field.Value}"),
                "exit" => Unless(reading.ExitCode == field.Value.GetInt32(), $"exit code {reading.ExitCode}, not {field.Value}"),
                "validate" => [],
                _ => [$"unknown expectation {field.Name}"],
            };
            foreach (string problem in found)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> TraceProblems(JsonElement expect, RealReading reading)
    {
        string[] wanted = [.. expect.EnumerateObject().Select(trace => trace.Name)];
        foreach (string other in wanted.Except(reading.Traces.Keys).Concat(reading.Traces.Keys.Except(wanted)))
        {
            yield return $"trace {other} is {(wanted.Contains(other) ? "missing" : "unexpected")}";
        }

        foreach (JsonProperty trace in expect.EnumerateObject().Where(trace => reading.Traces.ContainsKey(trace.Name)))
        {
            foreach (string problem in TraceProblems(trace.Value, reading.Traces[trace.Name]))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> TraceProblems(JsonElement expect, RealTrace trace)
    {
        foreach (JsonProperty field in expect.EnumerateObject())
        {
            IEnumerable<string> found = field.Name switch
            {
                "spans" => Differs(field, trace.Json.GetProperty("spanCount").GetInt32()),
                "roots" => Differs(field, trace.Spans.Values.Count(span => !trace.Spans.ContainsKey(span.GetProperty("parentSpanId").GetString() ?? string.Empty))),
                "services" => Differs(field, string.Join(',', Names(trace.Json.GetProperty("services")).Order(StringComparer.Ordinal)), string.Join(',', Texts(field.Value))),
                "status" => Differs(field, trace.Json.GetProperty("status").GetString()),
                "durationMs" => Differs(field, trace.Json.GetProperty("durationMs").GetDouble()),
                "events" => Differs(field, trace.Events),
                "warned" => Differs(field, trace.Json.GetProperty("warnings").GetArrayLength() > 0),
                "span" => field.Value.EnumerateObject().SelectMany(span => SpanProblems(span.Name, span.Value, trace)),
                "has" => field.Value.EnumerateArray()
                    .Where(span => !trace.Spans.Values.Any(other => !SpanProblems(span, other, trace).Any())).Select(span => $"no span {span.GetRawText()}"),
                _ => [$"unknown expectation {field.Name}"],
            };
            foreach (string problem in found)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> SpanProblems(string id, JsonElement expect, RealTrace trace) =>
        expect.TryGetProperty("events", out JsonElement events) ? Differs(expect.EnumerateObject().First(), trace.EventsOf(id))
        : trace.Spans.TryGetValue(id, out JsonElement span) ? SpanProblems(expect, span, trace).Select(problem => $"span {id}: {problem}")
        : [$"no span {id}"];

    private static IEnumerable<string> SpanProblems(JsonElement expect, JsonElement span, RealTrace trace)
    {
        double? duration = RealTrace.DurationMs(span);
        return expect.EnumerateObject().SelectMany(field => field.Name switch
        {
            "parent" => span.GetProperty("parentSpanId").GetString() is { } parent && trace.Spans.TryGetValue(parent, out JsonElement named)
                ? SpanProblems(field.Value, named, trace) : [$"no parent {field.Value.GetRawText()}"],
            "durationMs" when field.Value.ValueKind == JsonValueKind.Null => Unless(duration is null, $"durationMs {duration}, not null"),
            "durationMs" => duration is { } known ? Differs(field, known) : [$"no end, not durationMs {field.Value}"],
            "durationMsMax" => Unless(!(duration > field.Value.GetDouble() + ToleranceMs), $"durationMs {duration}, not {field.Value} at most"),
            _ => Differs(field, span.GetProperty(field.Name).GetString()),
        });
    }

    private static IEnumerable<string> Differs(JsonProperty field, double got) =>
        Unless(Math.Abs(field.Value.GetDouble() - got) <= ToleranceMs, string.Create(CultureInfo.InvariantCulture, $"{field.Name} {got}, not {field.Value}"));

    private static IEnumerable<string> Differs(JsonProperty field, bool got) => Unless(field.Value.GetBoolean() == got, $"{field.Name} {got}");

    private static IEnumerable<string> Differs(JsonProperty field, string? got) => Differs(field, got, field.Value.GetString());

    private static IEnumerable<string> Differs(JsonProperty field, string? got, string? wanted) => Unless(got == wanted, $"{field.Name} '{got}', not '{wanted}'");

    private static IEnumerable<string> Unless(bool holds, string problem) => holds ? [] : [problem];

    private static IEnumerable<string> Names(JsonElement array) => array.EnumerateArray().Select(element => element.GetProperty("name").GetString()!);

    private static IEnumerable<string> Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(element => element.GetString()!) : [value.GetString()!];
}
