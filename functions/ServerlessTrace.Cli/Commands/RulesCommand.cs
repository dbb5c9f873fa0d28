using System.CommandLine;
using ServerlessTrace.Cli.Rules;
using ServerlessTrace.Cli.Sources;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>rules apply</c>: makes a service's alert rules what a YAML file says.</summary>
internal static class RulesCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        A file of rules:
          rules:
            - id: slow-checkout
              kind: window
              statistic: p95
              above: 500ms
              match: { service: checkout }

        Rules that are not in the file stay, unless --prune is given. A rule that somebody else
        changes at the same time is not overwritten.

        Examples:
          serverlesstrace rules apply alerts.yaml --dry-run --url http://localhost:7071 --key KEY
          serverlesstrace rules apply alerts.yaml --prune

        """;

    private static readonly Argument<string> FilePath = new("FILE") { Description = "The YAML file; - for standard input." };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Check the file, print what would change, and change nothing." };

    private static readonly Option<bool> Prune = new("--prune") { Description = "Delete the service's rules that are not in the file." };

    public static Command Create()
    {
        var apply = new Command("apply", "Create and change alert rules as a YAML file says; prints the difference.")
        {
            FilePath, DryRun, Prune, RunningService.Url.Option, RunningService.Key.Option,
        };
        apply.Validators.Add(RunningService.Validate);
        apply.SetAction(RunAsync);
        return new Command("rules", "Alert rules of a running service.") { apply };
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (Read(parsed.GetRequiredValue(FilePath)) is not { } file)
        {
            return ExitCode.Nothing;
        }

        try
        {
            using HttpClient client = RunningService.Connect(parsed);
            var service = new RuleService(client);
            List<RuleChange> changes = await service.PlanAsync(file.Rules, parsed.GetValue(Prune), cancellationToken);
            foreach (RuleChange change in changes)
            {
                await Console.Out.WriteLineAsync(string.Join('\n', change.Diff()));
                if (!parsed.GetValue(DryRun))
                {
                    await service.ApplyAsync(change, cancellationToken);
                }
            }

            await Console.Out.WriteLineAsync($"{file.Rules.Count} rule(s), {changes.Count} change(s){(parsed.GetValue(DryRun) ? ", nothing changed yet" : " applied")}");
            return ExitCode.Fine;
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"error: {problem.Message}");
            return ExitCode.Nothing;
        }
    }

    /// <summary>The file's rules; null, and the reasons on standard error, where it cannot be applied.</summary>
    private static RuleFile? Read(string path)
    {
        try
        {
            using TextReader text = path == SourceList.StandardInput ? Console.In : new StreamReader(path);
            RuleFile file = RuleFile.Read(text);
            file.Problems.ForEach(problem => Console.Error.WriteLine($"error: {path}, {problem}"));
            return file.Problems.Count == 0 ? file : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {path} cannot be read: {unreadable.Message}");
            return null;
        }
    }
}
