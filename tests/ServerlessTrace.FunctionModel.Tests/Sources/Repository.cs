namespace ServerlessTrace.FunctionModel.Tests.Sources;

/// <summary>The files these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The C# files below a folder that were written, not built.</summary>
    public static IEnumerable<string> Sources(string folder)
    {
        var root = Path.Combine(Root, folder);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ServerlessTrace.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No ServerlessTrace.sln above {AppContext.BaseDirectory}");
    }
}
