using System.CommandLine;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>timeline</c>: a trace of span logs in files as a page for the browser.</summary>
internal static class TimelineCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        The page is one file that loads nothing: open it from disk, attach it to a ticket.

        Examples:
          serverlesstrace timeline --sources logs/ --trace-id 0af7651916cd43dd8448eb211c80319c --output timeline.html

        """;

    public static Command Create()
    {
        var command = new Command("timeline", "Write a trace as an HTML page with waterfall, flame graph, service map and report.")
        {
            AnalyzeCommand.Sources, AnalyzeCommand.Id, AnalyzeCommand.Path, AnalyzeCommand.BusinessKeys, AnalyzeCommand.Timestamp, AnalyzeCommand.OutputFile,
        };
        command.SetAction((parsed, cancellationToken) => AnalyzeCommand.RunAsync(parsed, ResultFormat.Html, cancellationToken));
        return command;
    }
}
