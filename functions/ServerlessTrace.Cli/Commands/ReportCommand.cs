using System.CommandLine;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage;
using ServerlessTrace.Storage.Chunks;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>report</c>: the report of a trace, by a running service or from its storage.</summary>
internal static class ReportCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        The trace can be asked for as soon as its spans have arrived, sealed or not.

        Examples:
          serverlesstrace report 0af7651916cd43dd8448eb211c80319c --url http://localhost:7071 --key KEY
          serverlesstrace report 0af7651916cd43dd8448eb211c80319c --connection "UseDevelopmentStorage=true" --format html > trace.html

        """;

    private static readonly Argument<TraceId> Id = TraceIdArgument.Of("ID", "The trace: up to 32 hex digits.");

    private static readonly Option<string?> Format = ResultFormat.Option("How to print it. Default: text.");

    public static Command Create()
    {
        var command = new Command(
            "report",
            "Print the report of a trace that a service has assembled, running or not.")
        {
            Id, RunningService.Url.Option, RunningService.Key.Option, StorageConnection.Setting.Option, Format,
        };
        command.Validators.Add(StorageConnection.ValidateThisOrService);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (StorageConnection.IsMeant(parsed))
        {
            return await StorageConnection.WithAsync(parsed, storage => ReadAsync(storage, parsed, cancellationToken));
        }

        string path = $"api/traces/{parsed.GetValue(Id)}/report";
        return await RunningService.GetAsync(parsed, path, ResultFormat.MediaType(parsed.GetValue(Format)), cancellationToken) is { } report
            ? await ResultOutput.WriteAsync(null, output => output.WriteAsync(report, cancellationToken).AsTask())
            : ExitCode.Nothing;
    }

    private static async Task<int> ReadAsync(StorageClients storage, ParseResult parsed, CancellationToken cancellationToken)
    {
        var traces = new TraceLoader(new TraceStore(storage), new ChunkStore(storage, TimeProvider.System));
        if (await traces.FindAsync(parsed.GetValue(Id), cancellationToken) is not { } found)
        {
            await Console.Error.WriteLineAsync($"error: no span of trace {parsed.GetValue(Id)} is in this storage account.");
            return ExitCode.Nothing;
        }

        var options = new ReportOptions { IsSealed = found.IsSealed, Revision = found.Revision, Ansi = !Console.IsOutputRedirected };
        return await ResultOutput.WriteAsync(null, output => TraceReport.WriteAsync(output, new TraceAnalysis(found.Trace), parsed.GetValue(Format), options));
    }
}
