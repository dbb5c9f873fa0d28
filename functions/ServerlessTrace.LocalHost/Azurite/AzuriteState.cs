using System.Text.Json;

namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>What a run writes down about its Azurite, so that the next run finds one that a killed run left behind.</summary>
internal sealed record AzuriteState(int ProcessId, DateTimeOffset StartedAt, AzuritePorts Ports, bool InMemory, string Installation)
{
    public KnownProcess Process => new(ProcessId, StartedAt);

    public static AzuriteState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<AzuriteState>(File.ReadAllText(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes by renaming, because a run may be killed at any time.</summary>
    public void Write(string path)
    {
        string draft = path + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(this));
        File.Move(draft, path, overwrite: true);
    }
}
