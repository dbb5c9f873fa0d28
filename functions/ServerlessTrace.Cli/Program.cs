using System.CommandLine;
using System.CommandLine.Invocation;
using ServerlessTrace.Cli;
using ServerlessTrace.Cli.Commands;

var root = new RootCommand(
    """
    Turn span logs into trace reports.

    Span logs are JSON records with trace_id, span_id and so on: as lines, in arrays or one after another, plain or gzip.
    Results go to standard output, warnings to standard error.
    Exit codes: 0 fine, 1 nothing readable or found, 2 wrong usage.
    """)
{
    AnalyzeCommand.Create(),
    TimelineCommand.Create(),
    GenerateCommand.Create(),
    UploadCommand.Create(),
    ReportCommand.Create(),
    SearchCommand.Create(),
    CompareCommand.Create(),
    RulesCommand.Create(),
    TailCommand.Create(),
    EraseCommand.Create(),
    GenerateContextCommand.Create(),
    PropagateCommand.Create(),
    SetupOtelCommand.Create(),
    ValidateCommand.Create(),
};
HelpWithExamples.AddTo(root);

ParseResult parsed = root.Parse(args);
if (parsed.Action is not ParseErrorAction)
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}

foreach (string message in parsed.Errors.Select(error => error.Message).Distinct())
{
    await Console.Error.WriteLineAsync(message);
}

Command verb = parsed.CommandResult.Command;
await Console.Error.WriteLineAsync($"Try: serverlesstrace {(verb == root ? "--help" : $"{verb.Name} --help")}");
return ExitCode.Usage;
