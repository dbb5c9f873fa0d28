using ServerlessTrace.LocalHost.Triggers.Blobs;

namespace ServerlessTrace.LocalHost.Tests.Triggers.Blobs;

public sealed class BlobPathPatternTests
{
    [Theory]
    [InlineData("logs/{name}", "a/b/c.json", "name=a/b/c.json")]
    [InlineData("logs", "a/b", "name=a/b")]
    [InlineData("logs/in/{service}/{name}.json", "in/pay/x.y.json", "service=pay,name=x.y")]
    [InlineData("logs/a+b/{name}", "a+b/x", "name=x")]
    public void The_parts_of_a_name_are_bound(string path, string blob, string expected)
    {
        BlobPathPattern pattern = BlobPathPattern.TryParse(path)!;

        Assert.Equal("logs", pattern.Container);
        Assert.Equal(
            expected.Split(',').Order(), pattern.Match(blob)!.Select(part => $"{part.Key}={part.Value}").Order());
    }

    [Theory]
    [InlineData("logs/in/{name}", "out/x")]
    [InlineData("logs/{name}.json", "x.txt")]
    [InlineData("logs/a.b/{name}", "acb/x")]
    public void Other_names_do_not_match(string path, string blob) => Assert.Null(BlobPathPattern.TryParse(path)!.Match(blob));

    [Theory]
    [InlineData("")]
    [InlineData("/x")]
    [InlineData("{container}/x")]
    public void What_is_no_path_is_refused(string path) => Assert.Null(BlobPathPattern.TryParse(path));
}
