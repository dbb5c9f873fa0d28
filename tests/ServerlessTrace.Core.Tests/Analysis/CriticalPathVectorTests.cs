using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Tests.Analysis;

public class CriticalPathVectorTests
{
    public static TheoryData<string> Names => new(Vectors().Select(static vector => vector.GetProperty("name").GetString()!));

    [Fact]
    public void There_are_fourteen_vectors() => Assert.Equal(14, Names.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_path_is_the_expected_one(string name)
    {
        JsonElement vector = Vectors().Single(candidate => candidate.GetProperty("name").GetString() == name);
        Trace trace = JaegerTraceReader.Read(vector.GetProperty("jaeger"));
        CriticalPathMode mode = Enum.Parse<CriticalPathMode>(vector.GetProperty("mode").GetString()!, ignoreCase: true);
        var path = new CriticalPath(trace, mode);

        if (vector.TryGetProperty("sections", out JsonElement sections))
        {
            Assert.Equal(sections.EnumerateArray().Select(Describe), path.Sections.ToArray().Select(section => Describe(trace, section)));
        }

        if (vector.TryGetProperty("exclusive", out JsonElement exclusive))
        {
            AssertExclusive(exclusive, ExclusiveTime.Of(trace, path), mode == CriticalPathMode.Tolerant ? trace.Duration / 50 : 0);
        }
    }

    private static void AssertExclusive(JsonElement expected, IReadOnlyList<ExclusiveTime> actual, long tolerance)
    {
        var found = actual.ToDictionary(static time => $"[{time.Service}] {time.Operation}", static time => time.Nano);
        foreach (JsonProperty entry in expected.EnumerateObject())
        {
            found.Remove(entry.Name, out long nano);
            Assert.InRange(nano, (entry.Value.GetInt64() * 1000) - tolerance, (entry.Value.GetInt64() * 1000) + tolerance);
        }

        Assert.Empty(found);
    }

    private static string Describe(JsonElement section) =>
        $"{section.GetProperty("spanId").GetString()} {section.GetProperty("startUs").GetInt64() * 1000}-{section.GetProperty("endUs").GetInt64() * 1000}";

    private static string Describe(Trace trace, CriticalPathSection section) =>
        string.Create(CultureInfo.InvariantCulture, $"{trace[section.Span].SpanId} {section.Start}-{section.End}");

    private static List<JsonElement> Vectors()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Analysis", "critical-path-vectors.json"));
        return [.. JsonDocument.Parse(file).RootElement.EnumerateArray()];
    }
}
