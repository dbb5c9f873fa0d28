using System.CommandLine;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>report</c>: asks a running service for the report of a trace.</summary>
internal static class ReportCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        The trace can be asked for as soon as its spans have arrived, sealed or not.

        Examples:
          serverlesstrace report 0af7651916cd43dd8448eb211c80319c --url http://localhost:7071 --key KEY

        """;

    private static readonly Argument<TraceId> Id = TraceIdArgument.Of("ID", "The trace: up to 32 hex digits.");

    private static readonly Option<string?> Format = ResultFormat.Option("How to print it. Default: text.");

    public static Command Create()
    {
        var command = new Command(
            "report",
            "Print the report of a trace that a running service has assembled.")
        {
            Id, RunningService.Url.Option, RunningService.Key.Option, Format,
        };
        command.Validators.Add(RunningService.Validate);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string path = $"api/traces/{parsed.GetValue(Id)}/report";
        return await RunningService.GetAsync(parsed, path, ResultFormat.MediaType(parsed.GetValue(Format)), cancellationToken) is { } report
            ? await ResultOutput.WriteAsync(null, output => output.WriteAsync(report, cancellationToken).AsTask())
            : ExitCode.Nothing;
    }
}
