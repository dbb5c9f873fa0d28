using ServerlessTrace.Generation;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>Files of realistic span logs in a folder of their own: start and end records, retries, errors, messages.</summary>
internal sealed class GeneratedLogs : IDisposable
{
    public GeneratedLogs(int files, int spansPerFile, ulong seed)
    {
        Folder = Directory.CreateTempSubdirectory("serverlesstrace-logs-").FullName;
        for (int i = 0; i < files; i++)
        {
            // Every third set of traces is split by service, so that traces span files.
            var generator = new SpanLogGenerator(new GeneratorOptions { Spans = spansPerFile, Seed = seed + (ulong)i });
            if (i % 3 == 0)
            {
                var streams = new Dictionary<string, FileStream>(StringComparer.Ordinal);
                int number = i;
                generator.WriteByService(service =>
                    streams.TryGetValue(service, out FileStream? known)
                        ? known
                        : streams[service] = File.Create(Path.Combine(Folder, $"{service}-{number:d3}.ndjson")));
                foreach (FileStream stream in streams.Values)
                {
                    stream.Dispose();
                }
            }
            else
            {
                using FileStream file = File.Create(Path.Combine(Folder, $"all-{i:d3}.ndjson"));
                generator.Write(file);
            }
        }
    }

    public string Folder { get; }

    public string[] Files => Directory.GetFiles(Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
