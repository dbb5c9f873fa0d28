using System.IO.Enumeration;

namespace ServerlessTrace.Cli.Sources;

/// <summary>Patterns of paths: <c>*</c> and <c>?</c> within a name, <c>**</c> for any folders. Needed where no shell expanded them.</summary>
internal static class SourcePattern
{
    // Links could lead round in circles; hidden files are no logs.
    private static readonly EnumerationOptions Visible = new()
    {
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        IgnoreInaccessible = true,
    };

    /// <summary>Whether a path is a pattern.</summary>
    public static bool IsPattern(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>All visible files of a folder and the folders in it.</summary>
    public static IEnumerable<string> FilesBelow(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", Visible))
        {
            yield return file;
        }

        foreach (string below in Folders(folder))
        {
            foreach (string file in FilesBelow(below))
            {
                yield return file;
            }
        }
    }

    /// <summary>The files that match a pattern.</summary>
    public static IEnumerable<string> Match(string pattern)
    {
        string root = Path.GetPathRoot(pattern) ?? string.Empty;
        string[] names = pattern[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        return Match(root, names).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> names)
    {
        string name = names.Span[0];
        ReadOnlyMemory<string> rest = names[1..];
        string place = folder.Length == 0 ? "." : folder;
        if (rest.IsEmpty)
        {
            return name == "**"
                ? FilesBelow(place)
                : Directory.EnumerateFiles(place, "*", Visible).Where(file => IsMatch(name, file)).Select(file => Joined(folder, file));
        }

        if (name == "**")
        {
            return Match(folder, rest).Concat(Folders(place).SelectMany(below => Match(Joined(folder, below), names)));
        }

        if (!IsPattern(name))
        {
            string below = Path.Join(folder, name);
            return Directory.Exists(below) ? Match(below, rest) : [];
        }

        return Folders(place).Where(below => IsMatch(name, below)).SelectMany(below => Match(Joined(folder, below), rest));
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.EnumerateDirectories(folder, "*", Visible).Where(below => new DirectoryInfo(below).LinkTarget is null);

    private static bool IsMatch(string pattern, string path) =>
        FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path.AsSpan()), ignoreCase: false);

    private static string Joined(string folder, string path) => Path.Join(folder, Path.GetFileName(path.AsSpan()));
}
