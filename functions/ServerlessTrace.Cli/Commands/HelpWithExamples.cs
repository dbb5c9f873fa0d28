using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ServerlessTrace.Cli.Commands;

/// <summary>The usual help, and below it what a verb is good for, by example.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = usual.Invoke(parseResult);
        string? examples = parseResult.CommandResult.Command.Name switch
        {
            "analyze" => AnalyzeCommand.Examples,
            "timeline" => TimelineCommand.Examples,
            "generate" => GenerateCommand.Examples,
            "upload" => UploadCommand.Examples,
            "report" => ReportCommand.Examples,
            "search" => SearchCommand.Examples,
            "compare" => CompareCommand.Examples,
            "rules" or "apply" => RulesCommand.Examples,
            "tail" => TailCommand.Examples,
            "erase" => EraseCommand.Examples,
            "generate-context" => GenerateContextCommand.Examples,
            "propagate" => PropagateCommand.Examples,
            "setup-otel" => SetupOtelCommand.Examples,
            "validate" => ValidateCommand.Examples,
            _ => null,
        };
        if (examples is not null)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
        }

        return exitCode;
    }

    /// <summary>Makes the root's help option show examples.</summary>
    public static void AddTo(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }
}
