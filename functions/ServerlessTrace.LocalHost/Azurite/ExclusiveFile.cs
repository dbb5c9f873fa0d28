namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>Mutual exclusion between processes; the operating system releases it when the holder ends, however it ends.</summary>
internal static class ExclusiveFile
{
    public static FileStream? TryOpen(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static async Task<FileStream> OpenAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(path) is { } file)
            {
                return file;
            }

            await Task.Delay(100, cancellationToken);
        }
    }
}
