namespace ServerlessTrace.LocalHost;

/// <summary>Where the repository is: the folder that holds <c>host.json</c> and <c>.serverlesstrace/</c>.</summary>
public static class RepositoryRoot
{
    private const string Landmark = "ServerlessTrace.sln";

    /// <summary>The nearest folder above the program that holds the solution; the current folder when there is none.</summary>
    public static string Path { get; } = Find();

    /// <summary>The git-ignored folder for everything that a run leaves behind.</summary>
    public static string LocalFolder => System.IO.Path.Combine(Path, ".serverlesstrace");

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, Landmark)))
            {
                return folder.FullName;
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
