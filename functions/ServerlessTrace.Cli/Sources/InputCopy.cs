namespace ServerlessTrace.Cli.Sources;

/// <summary>Standard input in a temporary file, for whoever reads it twice; made when its path is asked for.</summary>
internal sealed class InputCopy : IDisposable
{
    private string? _path;

    /// <summary>The file.</summary>
    public string Path => _path ??= Copy();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private static string Copy()
    {
        string path = System.IO.Path.GetTempFileName();
        using Stream input = Console.OpenStandardInput();
        using FileStream file = File.Create(path);
        input.CopyTo(file);
        return path;
    }
}
