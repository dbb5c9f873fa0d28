using System.IO.Compression;
using System.Text;

namespace ServerlessTrace.Cli.Tests;

/// <summary>A folder of logs for one test.</summary>
internal sealed class LogFolder : IDisposable
{
    public LogFolder() => Path = Directory.CreateTempSubdirectory("serverlesstrace-cli-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Join(Path, name);

    public string Write(string name, params string[] lines)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
        return path;
    }

    public string WriteGzip(string name, params string[] lines)
    {
        using var gzip = new GZipStream(File.Create(this[name]), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
