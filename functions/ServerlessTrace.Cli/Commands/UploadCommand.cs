using System.CommandLine;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>upload</c>: drops files where the service looks for span logs.</summary>
internal static class UploadCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Traces appear in the service by themselves. A blob is called as its file (or its relative path)
        and replaces one of that name; uploading the same file twice changes nothing.

        Examples:
          serverlesstrace upload logs/ --connection "UseDevelopmentStorage=true"

        """;

    private const string ConnectionVariable = "AZURE_STORAGE_CONNECTION_STRING";

    private static readonly Argument<string[]> Files = new("FILES")
    {
        Description = "Files, folders and patterns, as for analyze --sources.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Setting Connection = new(
        new Option<string?>("--connection")
        {
            Description = $"The storage account's connection string. Default: the environment variable {ConnectionVariable}.",
            HelpName = "CS",
        },
        ConnectionVariable);

    private static readonly Option<string> Container = new("--container")
    {
        Description = "The blob container that the service watches.",
        DefaultValueFactory = _ => "span-logs",
    };

    public static Command Create()
    {
        var command = new Command(
            "upload",
            "Upload span logs to the blob container that the service watches.")
        {
            Files, Connection.Option, Container,
        };
        command.Validators.Add(result =>
        {
            if (Connection.Of(result) is null)
            {
                result.AddError($"Say where to upload to: --connection CS, or set {ConnectionVariable}.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        BlobContainerClient container;
        try
        {
            // The newest version that the local Azurite knows.
            var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06);
            container = new BlobContainerClient(Connection.Of(parsed), parsed.GetValue(Container), options);
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"--connection is no connection string: {problem.Message}");
            return ExitCode.Usage;
        }

        var list = new SourceList(parsed.GetRequiredValue(Files));
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"error: {missing}");
        }

        IGrouping<string, string>? clash = list.Sources.GroupBy(BlobName).FirstOrDefault(named => named.Count() > 1);
        if (clash is not null)
        {
            await Console.Error.WriteLineAsync($"error: {string.Join(" and ", clash)} would both be {clash.Key}; name them relative to a folder that holds both.");
            return ExitCode.Usage;
        }

        try
        {
            long bytes = await ProgressLine.WhileAsync("Uploading", at => UploadAsync(container, list.Sources, at, cancellationToken));
            await Console.Out.WriteLineAsync($"{list.Sources.Count} file(s), {bytes} bytes uploaded to {container.Name}");
        }
        catch (Exception problem) when (problem is RequestFailedException or AggregateException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {problem.GetBaseException().Message}");
            return ExitCode.Nothing;
        }

        return list.Missing.Count > 0 ? ExitCode.Nothing : ExitCode.Fine;
    }

    private static async Task<long> UploadAsync(BlobContainerClient container, IReadOnlyList<string> sources, Action<string> at, CancellationToken cancellationToken)
    {
        long bytes = 0;
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        foreach (string source in sources)
        {
            at(source);
            await using Stream content = source == SourceList.StandardInput ? await ReadInputAsync(cancellationToken) : File.OpenRead(source);
            await container.GetBlobClient(BlobName(source)).UploadAsync(content, new BlobUploadOptions(), cancellationToken);
            bytes += content.Length;
        }

        return bytes;
    }

    /// <summary>A relative path that stays below the current folder, so that equal names in different folders stay apart; else the file's name.</summary>
    private static string BlobName(string source)
    {
        if (source == SourceList.StandardInput)
        {
            return "stdin";
        }

        string relative = Path.GetRelativePath(Environment.CurrentDirectory, source).Replace('\\', '/');
        return Path.IsPathRooted(source) || relative.StartsWith("../", StringComparison.Ordinal) ? Path.GetFileName(source) : relative;
    }

    private static async Task<Stream> ReadInputAsync(CancellationToken cancellationToken)
    {
        var content = new MemoryStream();
        await using Stream input = Console.OpenStandardInput();
        await input.CopyToAsync(content, cancellationToken);
        content.Position = 0;
        return content;
    }
}
