namespace ServerlessTrace.Core.Formats;

/// <summary>What the name of a source says.</summary>
internal static class SourceName
{
    /// <summary>The service of a source whose name tells none.</summary>
    public const string UnknownService = "unknown";

    private static readonly string[] Extensions = [".gz", ".gzip", ".log", ".json", ".ndjson", ".jsonl", ".txt", ".out", ".spans"];

    /// <summary>The service whose logs a source holds, going by its name: the base name without extensions.</summary>
    public static string Service(string sourceName)
    {
        string name = sourceName[(sourceName.LastIndexOfAny(['/', '\\']) + 1)..];
        string service = name;
        while (KnownExtension(service) is { } extension)
        {
            service = service[..^extension.Length];
        }

        if (service.Length == name.Length && service.LastIndexOf('.') is var dot and > 0)
        {
            service = service[..dot];
        }

        return service.Length > 0 && service != "-" ? service : UnknownService;
    }

    /// <summary><see cref="UnknownService"/> in UTF-8.</summary>
    public static ReadOnlySpan<byte> Unknown => "unknown"u8;

    private static string? KnownExtension(string name)
    {
        foreach (string extension in Extensions)
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                return extension;
            }
        }

        // Rotated logs are numbered: app.log.1, app.log.2.gz.
        int dot = name.LastIndexOf('.');
        return dot > 0 && dot < name.Length - 1 && name.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[dot..] : null;
    }
}
