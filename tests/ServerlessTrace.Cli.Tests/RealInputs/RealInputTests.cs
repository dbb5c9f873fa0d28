using System.Text.Json;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>
/// Logs in shapes that people have reported in public, each with the right reading (<c>Cases/expected.json</c>), read by the command line's own classes.
/// </summary>
public sealed class RealInputTests
{
    private static readonly Dictionary<string, JsonElement> Cases = JsonDocument.Parse(File.ReadAllBytes(RealCase.PathOf("expected.json"))).RootElement
        .EnumerateArray().ToDictionary(element => element.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_input_from_the_field_is_read_as_its_reporter_expects(string name)
    {
        string? problem = await new RealCase(Cases[name]).FindProblemAsync();
        Assert.True(problem is null, problem);
    }
}
