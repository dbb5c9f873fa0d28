using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Blocks;
using ServerlessTrace.Storage.Business;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Search;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>search</c>: finds traces, by a running service or in its storage.</summary>
internal static class SearchCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Sealed traces, newest first. Durations are those of the whole trace; --from and --to take RFC 3339 or seconds since 1970.

        Examples:
          serverlesstrace search --service payment-service --status ERROR --min-duration 500ms
          serverlesstrace search --from 2026-02-26T18:00:00Z --limit 100 --format json
          serverlesstrace search --attr order_id:ord-789 --connection "UseDevelopmentStorage=true"

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
        var command = new Command("search", "Find traces that a service has assembled, running or not.")
        {
            RunningService.Url.Option, RunningService.Key.Option, StorageConnection.Setting.Option, Limit, Attributes, Format,
        };
        foreach ((_, Option<string?> option) in Filters)
        {
            command.Add(option);
        }

        command.Validators.Add(StorageConnection.ValidateThisOrService);
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<string?> Filter(string name, string description) => new(name) { Description = description };

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (StorageConnection.IsMeant(parsed))
        {
            return await StorageConnection.WithAsync(parsed, storage => ReadAsync(storage, parsed, cancellationToken));
        }

        return await RunningService.GetAsync(parsed, "api/traces" + Query(parsed), "application/json", cancellationToken) is { } answer
            ? await PrintAsync(parsed, answer, cancellationToken)
            : ExitCode.Nothing;
    }

    private static async Task<int> ReadAsync(StorageClients storage, ParseResult parsed, CancellationToken cancellationToken)
    {
        (TraceQuery? query, string? error) = TraceQueryText.Read(name => ValuesOf(parsed, name));
        if (query is null)
        {
            await Console.Error.WriteLineAsync($"error: {error}");
            return ExitCode.Nothing;
        }

        var traces = new TraceLoader(new TraceStore(storage), new ChunkStore(storage, TimeProvider.System));
        TracePage page = await new TraceSearch(new BlockStore(storage, new BusinessIndex(storage), TimeProvider.System), traces, AnalysisOptions.Default).FindAsync(query, cancellationToken);
        return await PrintAsync(parsed, JsonSerializer.SerializeToUtf8Bytes(TraceListResponse.Of(page), TraceListJson.Default.TraceListResponse), cancellationToken);
    }

    private static IEnumerable<string?> ValuesOf(ParseResult parsed, string name) => name switch
    {
        "attr" => parsed.GetValue(Attributes) ?? [],
        "limit" => [parsed.GetValue(Limit).ToString(CultureInfo.InvariantCulture)],
        _ => Filters.Where(filter => filter.Name == name).Select(filter => parsed.GetValue(filter.Option)),
    };

    private static async Task<int> PrintAsync(ParseResult parsed, byte[] answer, CancellationToken cancellationToken)
    {
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
