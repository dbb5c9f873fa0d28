using Azure;
using Azure.Storage.Blobs;

namespace ServerlessTrace.LocalHost.Drop;

/// <summary>
/// Uploads the files that appear in a folder, each once it has stopped changing, and again when it has changed. It looks instead of
/// listening for events, which network and container file systems do not send.
/// </summary>
internal sealed class DropFolder(string folder, BlobContainerClient container, DropMemory memory, Action<string> announce, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A writer that pauses longer makes the file go up twice, the second time whole.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, (FileVersion Version, DateTimeOffset Since)> _watched = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        bool uploaded = false;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", everywhere))
            {
                var version = new FileVersion(file.Length, file.LastWriteTimeUtc);
                string name = Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
                if (!IsHidden(name) && !memory.Knows(name, version) && IsQuiet(name, version))
                {
                    uploaded |= await UploadAsync(file.FullName, name, version, cancellationToken);
                }
            }
        }
        finally
        {
            // Also when stopped half way: what went up is not to go up again.
            if (uploaded)
            {
                memory.Save();
            }
        }
    }

    private static bool IsHidden(string name) => name.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal);

    private bool IsQuiet(string name, FileVersion version)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (!_watched.TryGetValue(name, out (FileVersion Version, DateTimeOffset Since) before) || before.Version != version)
        {
            _watched[name] = (version, now);
            return false;
        }

        return now - before.Since >= Quiet;
    }

    private async Task<bool> UploadAsync(string path, string name, FileVersion version, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await container.GetBlobClient(name).UploadAsync(content, overwrite: true, cancellationToken);
            memory.Add(name, version);
            _watched.Remove(name);
            announce(name);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or RequestFailedException or AggregateException)
        {
            Log.DropFailed(logger, path, failure);
            return false;
        }
    }
}
