using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Schemas;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Cli.Validation;

/// <summary>Looks at records one by one: whether each is what the schema says, and what its sender leaves out of all of them.</summary>
internal sealed partial class RecordLint(FindingsBySender senders)
{
    private const string NoSender = "(no service)";

    private static readonly JsonSchema Schema = JsonSchema.FromText(System.Text.Encoding.UTF8.GetString(SpanLogSchema.Json.Span));
    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };
    private static readonly string[] SpanEvents = ["span_start", "span_end", "span_event", "span_error"];

    private readonly Redactor _redactor = new(new RedactionOptions());
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <summary>Looks at a file: JSON lines, or else arrays and objects over several lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ReadAsync(string path, string name, CancellationToken cancellationToken)
    {
        int number = 0;
        await foreach (string line in File.ReadLinesAsync(path, cancellationToken))
        {
            number++;
            if (number == 1 && !IsObject(line) && TryReadWhole(await File.ReadAllBytesAsync(path, cancellationToken), name))
            {
                return;
            }

            if (!string.IsNullOrWhiteSpace(line))
            {
                ReadLine(line, $"{name}:{number}");
            }
        }
    }

    private static bool IsObject(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads values one after another, whatever lines they are on; false, and nothing read, if that is not what the file is.</summary>
    private bool TryReadWhole(byte[] content, string name)
    {
        List<JsonElement> records = [];
        try
        {
            var reader = new Utf8JsonReader(content, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                JsonElement value = JsonElement.ParseValue(ref reader);
                records.AddRange(value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value]);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        for (int i = 0; i < records.Count; i++)
        {
            Read(records[i], records[i].GetRawText(), $"{name}, record {i + 1}");
        }

        return true;
    }

    private void ReadLine(string line, string place)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Read(document.RootElement, line, place);
        }
        catch (JsonException problem)
        {
            senders.Of(NoSender).Add(Rule.NotJson, "a line is no JSON", $"{place}: {problem.Message}");
        }
    }

    /// <summary>Notes what senders left out of all their records.</summary>
    public void End()
    {
        foreach ((string sender, Seen seen) in _seen)
        {
            Findings findings = senders.Of(sender);
            AddIf(findings, Rule.CoarseTime, seen is { Records: > 1, FineTimes: 0 }, "all timestamps are whole seconds", seen);
            AddIf(findings, Rule.NoKind, seen.Kinds == 0, "no record has a span_kind", seen);
            AddIf(findings, Rule.NoBusinessId, seen.BusinessIds == 0, "no record has a business id", seen);
            AddIf(findings, Rule.NoEnvironment, seen.Environments == 0, "no record says its environment", seen);
        }
    }

    private static void AddIf(Findings findings, Rule rule, bool isBroken, string text, Seen seen)
    {
        if (isBroken)
        {
            findings.Add(rule, text, seen.First);
        }
    }

    private void Read(JsonElement record, string line, string place)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            senders.Of(NoSender).Add(Rule.NotJson, "a record is no JSON object", place);
            return;
        }

        if (record.TryGetProperty("headers", out JsonElement headers) && headers.ValueKind == JsonValueKind.Object)
        {
            LintContext(senders.Of(Text(record, "service") ?? NoSender), headers, place);
            return;
        }

        string sender = Text(record, "service") ?? Text(record, "service.name") ?? NoSender;
        Findings findings = senders.Of(sender);
        findings.Records++;
        LintContext(findings, record, place);
        if (_redactor.Redact(line) != line)
        {
            findings.Add(Rule.Secret, "a record holds what looks like a secret", place);
        }

        // Other log lines are welcome: with a trace_id they become events.
        if (!SpanEvents.Contains(Text(record, "event"), StringComparer.Ordinal))
        {
            return;
        }

        LintSchema(findings, record, place);
        LintName(findings, record, place);
        Count(sender, record, place);
    }

    private static void LintContext(Findings findings, JsonElement record, string place)
    {
        if (Text(record, ContextHeaders.TraceParent) is { } parent && !System.Diagnostics.ActivityContext.TryParse(parent, null, out _))
        {
            findings.Add(Rule.BadContext, "a traceparent is malformed", place);
        }

        if (record.TryGetProperty(ContextHeaders.Baggage, out JsonElement baggage) && baggage.GetRawText().Length > BoundedBaggagePropagator.MaxBytes)
        {
            findings.Add(Rule.BigBaggage, $"baggage is over {BoundedBaggagePropagator.MaxBytes} bytes", place);
        }
    }

    private static void LintSchema(Findings findings, JsonElement record, string place)
    {
        if (Schema.Evaluate(record).IsValid)
        {
            return;
        }

        foreach (EvaluationResults result in Schema.Evaluate(record, Listed).Details ?? [])
        {
            // What a condition or an alternative says of itself is no finding: its outcome is.
            string path = result.EvaluationPath.ToString();
            if (result.Errors is null || path.Contains("/if", StringComparison.Ordinal) || path.Contains("/anyOf/", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (string problem in result.Errors.Values)
            {
                string field = result.InstanceLocation.ToString().TrimStart('/');
                (Rule rule, string text) = Describe(field, problem);
                findings.Add(rule, text, place);
            }
        }

        if (IsFailure(record) && Text(record, "error_code") is null && Text(record, "error_message") is null)
        {
            findings.Add(Rule.Schema, "a failure has neither error_code nor error_message", place);
        }
    }

    private static (Rule Rule, string Text) Describe(string field, string problem) => field switch
    {
        "" when problem.Contains("service", StringComparison.Ordinal) => (Rule.MissingService, "a record has no service"),
        "" => (Rule.Schema, problem),
        "trace_id" or "span_id" or "parent_span_id" => (Rule.BadId, $"{field} is malformed"),
        "timestamp" or "start_time" => (Rule.BadTime, $"{field} is malformed"),
        _ => (Rule.Schema, $"{field}: {problem}"),
    };

    private static void LintName(Findings findings, JsonElement record, string place)
    {
        if (Text(record, "span_name") is { } name && IdInName().IsMatch(name))
        {
            findings.Add(Rule.NameHasId, "a span_name holds an id", $"{place}: {name}");
        }
    }

    private void Count(string sender, JsonElement record, string place)
    {
        if (!_seen.TryGetValue(sender, out Seen? seen))
        {
            _seen.Add(sender, seen = new Seen(place));
        }

        seen.Records++;
        seen.FineTimes += Text(record, "timestamp")?.Contains('.', StringComparison.Ordinal) ?? true ? 1 : 0;
        seen.Kinds += Text(record, "span_kind") is null ? 0 : 1;
        seen.Environments += Text(record, "environment") is null && !record.TryGetProperty("resource", out _) ? 0 : 1;
        seen.BusinessIds += HasBusinessId(record) || HasBusinessId(Inner(record, "attributes")) || HasBusinessId(Inner(record, "baggage")) ? 1 : 0;
    }

    private static bool HasBusinessId(JsonElement fields) => fields.ValueKind == JsonValueKind.Object
        && fields.EnumerateObject().Any(field => field.Name.EndsWith("_id", StringComparison.Ordinal) && field.Name is not ("trace_id" or "span_id" or "parent_span_id"));

    private static JsonElement Inner(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement inner) ? inner : default;

    private static bool IsFailure(JsonElement record) => Text(record, "status") == "ERROR" || Text(record, "event") == "span_error";

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>A number of four digits or more, or a segment of digits, or a GUID, in a name.</summary>
    [GeneratedRegex(@"\d{4,}|/\d+(/|$)|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")]
    private static partial Regex IdInName();

    private sealed class Seen(string first)
    {
        public string First => first;

        public long Records { get; set; }

        public long FineTimes { get; set; }

        public long Kinds { get; set; }

        public long BusinessIds { get; set; }

        public long Environments { get; set; }
    }
}
