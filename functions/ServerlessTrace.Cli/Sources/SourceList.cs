namespace ServerlessTrace.Cli.Sources;

/// <summary>Expands what <c>--sources</c> says (files, folders, patterns, <c>-</c>) into the sources to read, each once.</summary>
internal sealed class SourceList
{
    /// <summary>The name for standard input.</summary>
    public const string StandardInput = "-";

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _sources = [];
    private readonly List<string> _missing = [];

    /// <summary>Expands words, each a comma list. Folders and patterns give their files in order of path.</summary>
    public SourceList(IEnumerable<string> words)
    {
        foreach (string word in words)
        {
            // A comma may belong to a file's name.
            string[] parts = File.Exists(word) ? [word] : word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (string part in parts)
            {
                Expand(part);
            }
        }
    }

    /// <summary>Paths of files, or <see cref="StandardInput"/>.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>What was named and gives no file, with the reason.</summary>
    public IReadOnlyList<string> Missing => _missing;

    private void Expand(string part)
    {
        if (part == StandardInput)
        {
            Add(part, part);
        }
        else if (Directory.Exists(part))
        {
            AddAll(SourcePattern.FilesBelow(part), $"{part}: the folder holds no files");
        }
        else if (!File.Exists(part) && SourcePattern.IsPattern(part))
        {
            AddAll(SourcePattern.Match(part), $"{part}: no file matches");
        }
        else if (File.Exists(part))
        {
            Add(part, Path.GetFullPath(part));
        }
        else
        {
            _missing.Add($"{part}: no such file or folder");
        }
    }

    private void AddAll(IEnumerable<string> files, string otherwise)
    {
        bool any = false;
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            any = true;
            Add(file, Path.GetFullPath(file));
        }

        if (!any)
        {
            _missing.Add(otherwise);
        }
    }

    private void Add(string source, string identity)
    {
        if (_known.Add(identity))
        {
            _sources.Add(source);
        }
    }
}
