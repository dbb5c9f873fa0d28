using System.CommandLine;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Cli.Sources;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>upload</c>: drops files where the service looks for span logs, or posts them to it.</summary>
internal static class UploadCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Traces appear in the service by themselves. With --connection a blob is called as its file (or its relative path)
        and replaces one of that name; uploading the same file twice changes nothing.

        Examples:
          serverlesstrace upload logs/ --connection "UseDevelopmentStorage=true"
          serverlesstrace upload app.log --url http://localhost:7071 --key KEY

        """;

    private static readonly Argument<string[]> Files = new("FILES")
    {
        Description = "Files, folders and patterns, as for analyze --sources.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Container = new("--container")
    {
        Description = "The blob container that the service watches.",
        DefaultValueFactory = _ => "span-logs",
    };

    public static Command Create()
    {
        var command = new Command(
            "upload",
            "Upload span logs to the blob container that the service watches, or post them to the service.")
        {
            Files, RunningService.Url.Option, RunningService.Key.Option, StorageConnection.Setting.Option, Container,
        };
        command.Validators.Add(StorageConnection.ValidateThisOrService);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new SourceList(parsed.GetRequiredValue(Files));
        foreach (string missing in list.Missing)
        {
            await Console.Error.WriteLineAsync($"error: {missing}");
        }

        int code = StorageConnection.IsMeant(parsed)
            ? await StoreAsync(parsed, list.Sources, cancellationToken)
            : await PostAsync(parsed, list.Sources, cancellationToken);
        return code == ExitCode.Fine && list.Missing.Count > 0 ? ExitCode.Nothing : code;
    }

    private static async Task<int> StoreAsync(ParseResult parsed, IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        IGrouping<string, string>? clash = sources.GroupBy(BlobName).FirstOrDefault(named => named.Count() > 1);
        if (clash is not null)
        {
            await Console.Error.WriteLineAsync($"error: {string.Join(" and ", clash)} would both be {clash.Key}; name them relative to a folder that holds both.");
            return ExitCode.Usage;
        }

        return await StorageConnection.WithAsync(parsed, async storage =>
        {
            BlobContainerClient container = storage.Blobs.GetBlobContainerClient(parsed.GetValue(Container));
            return await SayAsync(sources, at => UploadAsync(container, sources, at, cancellationToken), $"uploaded to {container.Name}");
        });
    }

    private static Task<int> PostAsync(ParseResult parsed, IReadOnlyList<string> sources, CancellationToken cancellationToken) =>
        SayAsync(sources, at => PostAsync(parsed, sources, at, cancellationToken), $"posted to {RunningService.Url.Of(parsed)}");

    private static async Task<int> SayAsync(IReadOnlyList<string> sources, Func<Action<string>, Task<long>> work, string done)
    {
        try
        {
            long bytes = await ProgressLine.WhileAsync("Uploading", work);
            await Console.Out.WriteLineAsync($"{sources.Count} file(s), {bytes} bytes {done}");
            return ExitCode.Fine;
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {problem.Message}");
            return ExitCode.Nothing;
        }
    }

    private static async Task<long> PostAsync(ParseResult parsed, IReadOnlyList<string> sources, Action<string> at, CancellationToken cancellationToken)
    {
        long bytes = 0;
        using HttpClient service = RunningService.Connect(parsed);
        foreach (string source in sources)
        {
            at(source);
            await using Stream content = await OpenAsync(source, cancellationToken);
            bytes += content.Length;
            using var body = new StreamContent(content);
            using HttpResponseMessage answer = await service.PostAsync(new Uri("api/span-logs", UriKind.Relative), body, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"{source}: {await RunningService.ReasonAsync(answer, cancellationToken)}");
            }
        }

        return bytes;
    }

    private static async Task<long> UploadAsync(BlobContainerClient container, IReadOnlyList<string> sources, Action<string> at, CancellationToken cancellationToken)
    {
        long bytes = 0;
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        foreach (string source in sources)
        {
            at(source);
            await using Stream content = await OpenAsync(source, cancellationToken);
            await container.GetBlobClient(BlobName(source)).UploadAsync(content, new BlobUploadOptions(), cancellationToken);
            bytes += content.Length;
        }

        return bytes;
    }

    private static async Task<Stream> OpenAsync(string source, CancellationToken cancellationToken) =>
        source == SourceList.StandardInput ? await ReadInputAsync(cancellationToken) : File.OpenRead(source);

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
