using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>erase</c>: has a running service erase a trace, or everything under a business key, and prints the record.</summary>
internal static class EraseCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        What is erased does not come back, also when it is sent again. The record says what is out of
        the service's reach, such as your files in the container span-logs. Ctrl+C ends the waiting,
        not the erasing.

        Examples:
          serverlesstrace erase --trace-id 0af7651916cd43dd8448eb211c80319c --yes --url http://localhost:7071 --key KEY
          serverlesstrace erase --correlation user_id=u-17 --by ann --reason "request 4711" --yes

        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Option<TraceId?> Trace = new("--trace-id")
    {
        Description = "Erase this trace.",
        HelpName = "ID",
        CustomParser = static result => TraceIdArgument.Parse(result),
    };

    private static readonly Option<string?> Correlation = new("--correlation") { Description = "Erase every trace that has this value of a business key.", HelpName = "KEY=VALUE" };

    private static readonly Option<string?> By = new("--by") { Description = "Who asks for it, for the record." };

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, for the record." };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Really do it: it cannot be undone." };

    public static Command Create()
    {
        var command = new Command("erase", "Erase a trace, or everything under a business key, from a running service.")
        {
            Trace, Correlation, By, Reason, Yes, RunningService.Url.Option, RunningService.Key.Option,
        };
        command.Validators.Add(RunningService.Validate);
        command.Validators.Add(Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private static void Validate(CommandResult result)
    {
        bool isTrace = result.GetResult(Trace) is not null;
        string? correlation = result.GetValue(Correlation);
        if (isTrace == correlation is not null || (correlation is not null && correlation.IndexOf('=', StringComparison.Ordinal) is < 1))
        {
            result.AddError("Say what to erase: either --trace-id ID or --correlation KEY=VALUE.");
        }

        if (!result.GetValue(Yes))
        {
            result.AddError("What is erased is gone for good: say --yes.");
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            using HttpClient client = RunningService.Connect(parsed);
            using HttpResponseMessage response = await client.DeleteAsync(new Uri(Path(parsed), UriKind.Relative), cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                await Console.Error.WriteLineAsync($"error: {await RunningService.ReasonAsync(response, cancellationToken)}");
                return ExitCode.Nothing;
            }

            byte[]? record = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            string id = Text(record, "id");
            await Console.Error.WriteLineAsync($"erasure {id} is under way");
            while (record is not null && Text(record, "state") != "done")
            {
                await Task.Delay(Interval, cancellationToken);
                record = await RunningService.GetAsync(parsed, $"api/erasures/{id}", "application/json", cancellationToken);
            }

            if (record is null)
            {
                return ExitCode.Nothing;
            }

            await PrintAsync(record);
            return ExitCode.Fine;
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException or JsonException)
        {
            await Console.Error.WriteLineAsync($"error: {problem.Message}");
            return ExitCode.Nothing;
        }
    }

    private static string Path(ParseResult parsed)
    {
        (string Name, string? Value)[] said = [("by", parsed.GetValue(By)), ("reason", parsed.GetValue(Reason))];
        string query = string.Join('&', said.Where(item => item.Value is not null).Select(item => $"{item.Name}={Uri.EscapeDataString(item.Value!)}"));
        string[] pair = parsed.GetValue(Correlation)?.Split('=', 2) ?? [];
        string path = pair.Length == 2
            ? $"api/correlations/{Uri.EscapeDataString(pair[0])}/{Uri.EscapeDataString(pair[1])}"
            : $"api/traces/{parsed.GetValue(Trace)}";
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    private static string Text(byte[] json, string property)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(property).ToString();
    }

    private static async Task PrintAsync(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement record = document.RootElement;
        JsonElement remaining = record.GetProperty("remaining");
        await Console.Out.WriteLineAsync($"{record.GetProperty("id")}: {record.GetProperty("traces")} trace(s) erased");
        foreach (JsonElement source in remaining.GetProperty("sources").EnumerateArray().Where(source => !source.GetProperty("isDeleted").GetBoolean()))
        {
            string until = source.TryGetProperty("keptUntil", out JsonElement time) && time.ValueKind == JsonValueKind.String
                ? string.Create(CultureInfo.InvariantCulture, $"until {time.GetDateTimeOffset():yyyy-MM-dd}")
                : "until you delete it";
            await Console.Out.WriteLineAsync($"still in span-logs/{PlainText.Line(source.GetProperty("name").ToString(), 500)}, {until}");
        }

        if (remaining.GetProperty("forwarded").GetBoolean())
        {
            await Console.Out.WriteLineAsync("traces are forwarded: their receiver may have them");
        }
    }
}
