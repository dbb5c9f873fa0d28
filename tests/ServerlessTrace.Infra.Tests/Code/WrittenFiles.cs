using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessTrace.Infra.Tests.Bicep;

namespace ServerlessTrace.Infra.Tests.Code;

/// <summary>
/// Files of <c>infra</c> that follow from the code. They are committed, so that the deployment needs no build; this writes them anew where
/// the environment variable <c>UPDATE_INFRA</c> is set, and otherwise says what to do.
/// </summary>
internal static class WrittenFiles
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MustBe(string file, object content)
    {
        string expected = JsonSerializer.Serialize(content, Indented).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_INFRA") is { Length: > 0 })
        {
            File.WriteAllText(Path.Combine(InfraFolder.Path, file), expected);
        }

        string actual = InfraFolder.Read(file).ReplaceLineEndings("\n");
        Assert.True(
            expected == actual,
            $"infra/{file} is not what the code says; run: UPDATE_INFRA=1 dotnet test tests/ServerlessTrace.Infra.Tests\n"
            + $"missing: {string.Join(" | ", Lines(expected).Except(Lines(actual)))}\n"
            + $"too much: {string.Join(" | ", Lines(actual).Except(Lines(expected)))}");
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim().TrimEnd(','));
}
