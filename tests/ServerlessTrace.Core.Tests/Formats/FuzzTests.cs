using ServerlessTrace.Core.Formats;
using ServerlessTrace.TestSupport.Fuzzing;

namespace ServerlessTrace.Core.Tests.Formats;

public sealed class FuzzTests
{
    [Fact]
    public void Twenty_thousand_mutated_sources_of_every_format_end_well()
    {
        FuzzRun fuzz = new();
        fuzz.Run(20_000, run: 0, TimeSpan.FromSeconds(60));
        Assert.Empty(fuzz.Failures);
        Assert.Equal(20_000, fuzz.Inputs);
        foreach (SourceFormat format in Enum.GetValues<SourceFormat>())
        {
            Assert.True(fuzz.Formats.GetValueOrDefault(format) > 100, $"{format}: {fuzz.Formats.GetValueOrDefault(format)}");
        }
    }
}
