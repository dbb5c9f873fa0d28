using System.Text.Json;

namespace ServerlessTrace.LocalHost.Drop;

/// <summary>Which files have been uploaded to where, kept over restarts unless the storage is not.</summary>
internal sealed class DropMemory
{
    private readonly string? _file;
    private readonly Stored _stored;

    private DropMemory(string? file, Stored stored)
    {
        _file = file;
        _stored = stored;
    }

    /// <summary>What is remembered about a folder and a container; nothing where the file is about others.</summary>
    /// <param name="file">Where to keep it; null to forget at the end.</param>
    /// <param name="folder">The folder that files come from.</param>
    /// <param name="container">The container that they go to.</param>
    public static DropMemory Open(string? file, string folder, Uri container)
    {
        string about = $"{Path.GetFullPath(folder)} -> {container}";
        try
        {
            if (file is not null && JsonSerializer.Deserialize<Stored>(File.ReadAllText(file)) is { } stored && stored.About == about)
            {
                return new DropMemory(file, stored);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            // Uploading a file again changes nothing but its time.
        }

        return new DropMemory(file, new Stored(about, []));
    }

    public bool Knows(string name, FileVersion version) => _stored.Files.TryGetValue(name, out FileVersion known) && known == version;

    public void Add(string name, FileVersion version) => _stored.Files[name] = version;

    public void Save()
    {
        if (_file is not null)
        {
            string draft = _file + ".new";
            File.WriteAllText(draft, JsonSerializer.Serialize(_stored));
            File.Move(draft, _file, overwrite: true);
        }
    }

    private sealed record Stored(string About, Dictionary<string, FileVersion> Files);
}
