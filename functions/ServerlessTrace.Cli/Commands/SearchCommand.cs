using System.CommandLine;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Cli.Output;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>search</c>: asks a running service for traces.</summary>
internal static class SearchCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Sealed traces, newest first. Durations are those of the whole trace; --from and --to take RFC 3339 or seconds since 1970.

        Examples:
          serverlesstrace search --service payment-service --status ERROR --min-duration 500ms
          serverlesstrace search --from 2026-02-26T18:00:00Z --limit 100 --format json

        """;

    /// <summary>Options that are handed on as they are, by their names in the service's query.</summary>
    private static readonly (string Name, Option<string?> Option)[] Filters =
    [
        ("service", Filter("--service", "A service that takes part.")),
        ("operation", Filter("--operation", "The name of a span.")),
        ("status", Filter("--status", "OK, ERROR or INCOMPLETE.")),
        ("environment", Filter("--environment", "The deployment environment of the root.")),
        ("minDuration", Filter("--min-duration", "The shortest duration of the trace, such as 250ms, 1.5s, 2m.")),
        ("maxDuration", Filter("--max-duration", "The longest duration of the trace.")),
        ("from", Filter("--from", "The earliest start.")),
        ("to", Filter("--to", "The latest start.")),
        ("cursor", Filter("--cursor", "Where to go on, as the page before says.")),
    ];

    private static readonly Option<int> Limit = new("--limit") { Description = "Traces to print at most.", DefaultValueFactory = _ => 20 };

    private static readonly Option<string[]> Attributes = new("--attr")
    {
        Description = "An attribute that the trace has, such as order_id:ord-789. May be given several times.",
        HelpName = "key:value",
    };

    private static readonly Option<string?> Format = ResultFormat.Option("text or json. Default: text.", ResultFormat.Text, ResultFormat.Json);

    public static Command Create()
    {
        var command = new Command("search", "Find traces that a running service has assembled.") { RunningService.Url.Option, RunningService.Key.Option, Limit, Attributes, Format };
        foreach ((_, Option<string?> option) in Filters)
        {
            command.Add(option);
        }

        command.Validators.Add(RunningService.Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<string?> Filter(string name, string description) => new(name) { Description = description };

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (await RunningService.GetAsync(parsed, "api/traces" + Query(parsed), "application/json", cancellationToken) is not { } answer)
        {
            return ExitCode.Nothing;
        }

        if (parsed.GetValue(Format) == ResultFormat.Json)
        {
            return await ResultOutput.WriteAsync(null, output => output.WriteAsync(answer, cancellationToken).AsTask());
        }

        using JsonDocument page = JsonDocument.Parse(answer);
        var table = new TraceTable();
        foreach (JsonElement trace in page.RootElement.GetProperty("traces").EnumerateArray())
        {
            table.Add(trace);
        }

        string? next = page.RootElement.TryGetProperty("nextCursor", out JsonElement cursor) ? cursor.GetString() : null;
        return await ResultOutput.WriteAsync(null, async output =>
        {
            await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
            table.Write(text, Console.IsOutputRedirected ? null : Console.WindowWidth);
            await text.WriteAsync(next is null ? string.Empty : $"More: --cursor {next}\n");
        });
    }

    private static string Query(ParseResult parsed)
    {
        var query = new StringBuilder($"?limit={parsed.GetValue(Limit)}");
        foreach ((string name, Option<string?> option) in Filters)
        {
            if (parsed.GetValue(option) is { Length: > 0 } value)
            {
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        foreach (string attribute in parsed.GetValue(Attributes) ?? [])
        {
            query.Append("&attr=").Append(Uri.EscapeDataString(attribute));
        }

        return query.ToString();
    }
}
