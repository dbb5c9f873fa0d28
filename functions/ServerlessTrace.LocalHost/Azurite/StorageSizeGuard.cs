using System.Globalization;

namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>
/// Watches how big Azurite's databases grow: it writes each as one JSON file and dies when one reaches about 512 MB, the longest text
/// that Node can make. Blobs themselves are kept in other files and do not count.
/// </summary>
public sealed class StorageSizeGuard : IDisposable
{
    internal const long WarnAt = 300_000_000;
    internal const long RefuseAt = 400_000_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _folder;
    private readonly Action<string> _warn;
    private readonly ITimer _timer;
    private bool _warned;

    /// <summary>Watches a folder; <paramref name="warn"/> is told once when it nears the limit.</summary>
    public StorageSizeGuard(string folder, Action<string> warn, TimeProvider? time = null)
    {
        _folder = folder;
        _warn = warn;
        Look();
        _timer = (time ?? TimeProvider.System).CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>Why nothing may be taken in, and what to do; null when it may.</summary>
    public string? Refusal { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long size = LargestDatabase();
        string state = string.Create(
            CultureInfo.InvariantCulture, $"Azurite's database in {_folder} has {size / 1_000_000} MB, and Azurite dies at about 512 MB");
        string advice = $"stop and delete {_folder} to start afresh, or use a real storage account with --storage CONNECTION";
        Refusal = size >= RefuseAt ? $"{state}: nothing more is taken in; {advice}." : null;
        if (size >= WarnAt && !_warned)
        {
            _warned = true;
            _warn($"{state}: {advice}.");
        }
    }

    private long LargestDatabase()
    {
        long largest = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("__azurite_db_*"))
            {
                largest = Math.Max(largest, file.Length);
            }
        }
        catch (IOException)
        {
            // Azurite replaces its files while it writes them: the next look finds them.
        }

        return largest;
    }
}
