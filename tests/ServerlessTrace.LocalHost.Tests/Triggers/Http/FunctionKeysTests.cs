using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Triggers.Http;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Http;

public sealed class FunctionKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;

    private string File => Path.Combine(_folder, "deep", "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keys_are_generated_once()
    {
        FunctionKeys first = FunctionKeys.ReadOrCreate(File);
        FunctionKeys second = FunctionKeys.ReadOrCreate(File);

        Assert.Equal(first.Function, second.Function);
        Assert.Equal(first.Master, second.Master);
        Assert.NotEqual(first.Function, first.Master);
        Assert.NotEqual(first.Function, FunctionKeys.Generate().Function);
    }

    [Fact]
    public void Hosts_that_start_at_the_same_time_have_the_same_keys()
    {
        FunctionKeys[] keys = [.. Enumerable.Range(0, 32).AsParallel().WithDegreeOfParallelism(8).Select(_ => FunctionKeys.ReadOrCreate(File))];

        Assert.Single(keys.Select(key => key.Function).Distinct());
        Assert.Equal([File], Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        FunctionKeys.ReadOrCreate(File);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void A_damaged_file_is_explained()
    {
        FunctionKeys.ReadOrCreate(File);
        System.IO.File.WriteAllText(File, "{");

        HostStartException refusal = Assert.Throws<HostStartException>(() => FunctionKeys.ReadOrCreate(File));

        Assert.Contains("delete that file", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthorizationLevel.Anonymous, null, true)]
    [InlineData(AuthorizationLevel.Function, "function", true)]
    [InlineData(AuthorizationLevel.Function, "master", true)]
    [InlineData(AuthorizationLevel.Function, "other", false)]
    [InlineData(AuthorizationLevel.Function, null, false)]
    [InlineData(AuthorizationLevel.Admin, "function", false)]
    [InlineData(AuthorizationLevel.Admin, "master", true)]
    public void A_level_needs_its_key(AuthorizationLevel level, string? key, bool allowed) =>
        Assert.Equal(allowed, new FunctionKeys("function", "master").Allow(level, key));
}
