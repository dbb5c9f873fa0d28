using Microsoft.Extensions.Time.Testing;
using ServerlessTrace.LocalHost.Azurite;

namespace ServerlessTrace.LocalHost.Tests.Azurite;

public sealed class StorageSizeGuardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_database_that_grows_is_warned_of_once_and_then_refused_until_it_is_small_again()
    {
        using var guard = new StorageSizeGuard(_folder, _warnings.Add, _time);
        Grow("__azurite_db_table__.json", 299);
        Assert.Empty(_warnings);

        Grow("__azurite_db_table__.json", 301);
        Grow("__azurite_db_table__.json", 350);
        Assert.Contains("301 MB", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Null(guard.Refusal);

        Grow("__azurite_db_table__.json", 401);
        Assert.Contains("--storage", guard.Refusal, StringComparison.Ordinal);

        Grow("__azurite_db_table__.json", 10);
        Assert.Null(guard.Refusal);
    }

    [Fact]
    public void Blobs_do_not_count()
    {
        using var guard = new StorageSizeGuard(_folder, _warnings.Add, _time);
        Directory.CreateDirectory(Path.Combine(_folder, "__blobstorage__"));

        Grow("__blobstorage__/some-blob", 1000);

        Assert.Empty(_warnings);
        Assert.Null(guard.Refusal);
    }

    // Sparse files: they have a length and take no room.
    private void Grow(string name, int megabytes)
    {
        using (FileStream file = File.OpenWrite(Path.Combine(_folder, name)))
        {
            file.SetLength(megabytes * 1_000_000L);
        }

        _time.Advance(TimeSpan.FromSeconds(3));
    }
}
