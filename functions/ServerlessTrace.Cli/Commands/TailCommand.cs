using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Cli.Output;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>tail</c>: traces as a running service seals them.</summary>
internal static class TailCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        A line a trace, as it is sealed, until Ctrl+C. A trace that grows afterwards comes again.

        Examples:
          serverlesstrace tail --url http://localhost:7071 --key KEY
          serverlesstrace tail --service payment-service --status ERROR --min-duration 500ms

        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Option<string?> Service = new("--service") { Description = "Only traces that this service takes part in." };

    private static readonly Option<string?> Status = new("--status") { Description = "Only traces of this status: OK, ERROR or INCOMPLETE." };

    private static readonly Option<string?> MinDuration = new("--min-duration") { Description = "Only traces that took so long, such as 500ms or 2s." };

    private static readonly Option<TimeSpan> Since = new("--since")
    {
        Description = "How long ago traces may have started: hours:minutes:seconds.",
        DefaultValueFactory = _ => TimeSpan.FromMinutes(15),
    };

    private static readonly Option<int?> Count = new("--count", "-n") { Description = "End after so many traces." };

    public static Command Create()
    {
        Status.AcceptOnlyFromAmong("OK", "ERROR", "INCOMPLETE");
        var command = new Command("tail", "Print traces live, as a running service seals them.") { Service, Status, MinDuration, Since, Count, RunningService.Url.Option, RunningService.Key.Option };
        command.Validators.Add(RunningService.Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var tail = new TraceTail();
        int left = parsed.GetValue(Count) ?? int.MaxValue;
        try
        {
            while (await RunningService.GetAsync(parsed, $"api/traces?{Query(parsed)}", "application/json", cancellationToken) is { } answer)
            {
                using JsonDocument page = JsonDocument.Parse(answer);
                foreach (string line in tail.NewLines(page.RootElement))
                {
                    await Console.Out.WriteLineAsync(line);
                    if (--left == 0)
                    {
                        return ExitCode.Fine;
                    }
                }

                await Task.Delay(Interval, cancellationToken);
            }

            return cancellationToken.IsCancellationRequested ? ExitCode.Fine : ExitCode.Nothing;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Fine;
        }
        catch (JsonException)
        {
            await Console.Error.WriteLineAsync("error: the service's answer is no list of traces.");
            return ExitCode.Nothing;
        }
    }

    private static string Query(ParseResult parsed)
    {
        string from = (DateTimeOffset.UtcNow - parsed.GetValue(Since)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        (string Name, string? Value)[] terms =
        [
            ("from", from), ("limit", "500"), ("service", parsed.GetValue(Service)), ("status", parsed.GetValue(Status)), ("minDuration", parsed.GetValue(MinDuration)),
        ];
        return string.Join('&', terms.Where(term => term.Value is not null).Select(term => $"{term.Name}={Uri.EscapeDataString(term.Value!)}"));
    }
}
