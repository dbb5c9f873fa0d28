using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>What the command line says of the same files, with no storage at all.</summary>
internal static class Offline
{
    private static readonly string[] Details = ["slackNs", "dragNs", "stackTrace", "recovered", "causedBy"];

    public static async Task<Dictionary<string, JsonObject>> AnalyzeAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll"), "analyze", "--sources", folder, "--format", "json" },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        JsonArray traces = JsonNode.Parse(await process.StandardOutput.ReadToEndAsync())!.AsArray();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return traces.ToDictionary(trace => (string)trace!["traceId"]!, trace => Comparable(trace!.AsObject()));
    }

    /// <summary>A trace without what only storage knows, or only the service tells.</summary>
    public static JsonObject Comparable(JsonObject trace)
    {
        JsonObject copy = trace.DeepClone().AsObject();
        copy.Remove("sealed");
        copy.Remove("revision");
        foreach (JsonObject item in copy["spans"]!.AsArray().Concat(copy["errors"]!.AsArray()).Select(static item => item!.AsObject()))
        {
            Array.ForEach(Details, detail => item.Remove(detail));
        }

        return copy;
    }

    public static void AssertSame(JsonObject expected, JsonObject actual)
    {
        JsonObject comparable = Comparable(actual);
        if (!JsonNode.DeepEquals(expected, comparable))
        {
            Assert.Equal(expected.ToJsonString(), comparable.ToJsonString());
        }
    }
}
