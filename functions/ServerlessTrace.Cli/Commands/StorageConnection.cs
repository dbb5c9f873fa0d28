using System.CommandLine;
using System.CommandLine.Parsing;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Cli.Commands;

/// <summary>A storage account that the service keeps everything in, and that can be looked into without the service.</summary>
internal static class StorageConnection
{
    private const string Variable = "AZURE_STORAGE_CONNECTION_STRING";

    /// <summary>The connection string.</summary>
    public static readonly Setting Setting = new(
        new Option<string?>("--connection")
        {
            Description = $"The storage account's connection string. Default: the environment variable {Variable}.",
            HelpName = "CS",
        },
        Variable);

    /// <summary>Whether to look into storage: --connection goes before --url, and either before what the environment says.</summary>
    public static bool IsMeant(ParseResult parsed) => IsMeant(parsed.GetValue(Setting.Option), parsed.GetValue(RunningService.Url.Option), RunningService.Url.Of(parsed));

    /// <summary>Says so if neither a service nor a storage account is known.</summary>
    public static void ValidateThisOrService(CommandResult result)
    {
        if (!IsMeant(result.GetValue(Setting.Option), result.GetValue(RunningService.Url.Option), RunningService.Url.Of(result)))
        {
            RunningService.Validate(result);
        }
        else if (Setting.Of(result) is not { } connection)
        {
            result.AddError("Say where: --url http://HOST:PORT of a running service, or --connection CS of its storage account.");
        }
        else if (Problem(connection) is { } problem)
        {
            result.AddError($"--connection is no connection string: {problem}");
        }
    }

    /// <summary>The account's clients.</summary>
    public static StorageClients Open(ParseResult parsed) => Open(Setting.Of(parsed)!);

    /// <summary>Does something with storage. What it answers instead is said on standard error, and is exit code 1.</summary>
    public static async Task<int> WithAsync(ParseResult parsed, Func<StorageClients, Task<int>> work)
    {
        try
        {
            return await work(Open(parsed));
        }
        catch (Exception problem) when (problem is RequestFailedException or AggregateException)
        {
            bool isEmpty = problem.GetBaseException() is RequestFailedException { ErrorCode: "TableNotFound" };
            await Console.Error.WriteLineAsync(isEmpty ? "error: no service has used this storage account yet." : $"error: {problem.GetBaseException().Message.Split('\n')[0]}");
            return ExitCode.Nothing;
        }
    }

    private static bool IsMeant(string? connection, string? url, string? urlAnywhere) => connection is not null || (url is null && urlAnywhere is null);

    // The newest version of the blob service that the local Azurite knows.
    private static StorageClients Open(string connection) => new(
        new TableServiceClient(connection), new BlobServiceClient(connection, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06)), new QueueServiceClient(connection));

    private static string? Problem(string connection)
    {
        try
        {
            _ = Open(connection);
            return null;
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or InvalidOperationException)
        {
            return problem.Message;
        }
    }
}
