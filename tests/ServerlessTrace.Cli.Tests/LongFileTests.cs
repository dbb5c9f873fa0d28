using System.Globalization;
using System.Text;

namespace ServerlessTrace.Cli.Tests;

/// <summary>Files that are long enough to be read in ranges. What is printed is what the same bytes give on standard input, which is read as a whole.</summary>
public sealed class LongFileTests : IDisposable
{
    private const int Records = 36_000;
    private const int BrokenRecord = 35_000;

    private static readonly string Padding = new('x', 800);

    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task A_long_file_of_lines_gives_what_it_gives_on_standard_input()
    {
        string[] lines = [.. Enumerable.Range(0, Records).Select(Line)];
        lines[BrokenRecord] = """{"timestamp": broken}""";

        CommandResult result = await AssertAsStandardInputAsync(string.Join('\n', lines));

        Assert.Contains($"1 of {Records} records could not be read", result.Errors, StringComparison.Ordinal);
        Assert.Contains($"  line {BrokenRecord + 1}: ", result.Errors, StringComparison.Ordinal);
        Assert.EndsWith($"{Records / 10} trace(s), 0 failed; {Records - 1} span(s).\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_array_gives_what_it_gives_on_standard_input()
    {
        CommandResult result = await AssertAsStandardInputAsync($"[{string.Join(",\n", Enumerable.Range(0, Records).Select(Line))}]");

        Assert.Equal(string.Empty, result.Errors);
    }

    [Fact]
    public async Task An_array_that_begins_in_the_middle_of_a_long_file_gives_what_it_gives_on_standard_input()
    {
        IEnumerable<string> lines = Enumerable.Range(0, Records / 3).Select(Line);
        IEnumerable<string> elements = Enumerable.Range(Records / 3, Records - (Records / 3)).Select(Line);

        CommandResult result = await AssertAsStandardInputAsync($"{string.Join('\n', lines)}\n[{string.Join(",\n", elements)}");

        Assert.Contains($"line {(Records / 3) + 1}: the array that began on this line is not closed", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_over_many_lines_give_what_they_give_on_standard_input()
    {
        // A brace begins a line within each record, too.
        CommandResult result = await AssertAsStandardInputAsync(
            string.Join('\n', Enumerable.Range(0, Records).Select(Line)).Replace("\"attributes\":{", "\"attributes\":\n{", StringComparison.Ordinal));

        Assert.Equal(string.Empty, result.Errors);
    }

    [Fact]
    public async Task One_trace_of_a_long_file_is_reported_whole()
    {
        string file = _logs.Write("long.log", [.. Enumerable.Range(0, Records).Select(i => Line((i * 7) % Records))]);

        CommandResult found = await CommandLine.RunAsync("analyze", "--sources", file, "--trace-id", Trace(5), "--format", "json");
        CommandResult absent = await CommandLine.RunAsync("analyze", "--sources", file, "--trace-id", "5");

        Assert.Contains("\"spanCount\":10,", found.Output, StringComparison.Ordinal);
        Assert.Contains($"which hold {Records / 10} other trace(s)", absent.Errors, StringComparison.Ordinal);
        Assert.Equal(1, absent.ExitCode);
    }

    private async Task<CommandResult> AssertAsStandardInputAsync(string content)
    {
        string file = _logs.Write("long.log", content);
        Assert.True(new FileInfo(file).Length > 32 << 20, "The file is not long enough to be read in ranges.");

        CommandResult result = await CommandLine.RunAsync("analyze", "--sources", file);
        CommandResult whole = await CommandLine.RunAsync(["analyze", "--sources", "-"], Encoding.UTF8.GetBytes(content + "\n"));

        Assert.Equal(whole.Output, result.Output);
        Assert.Equal(whole.Errors, result.Errors.Replace(file, "stdin", StringComparison.Ordinal));
        return result;
    }

    private static string Trace(int number) => string.Create(CultureInfo.InvariantCulture, $"0af7651916cd43dd{number + 1:x16}");

    private static string Line(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"timestamp":"2026-02-26T18:{{{number / 10 / 60 % 60:d2}}}:{{{number / 10 % 60:d2}}}.5Z","trace_id":"{{{Trace(number / 10)}}}","span_id":"{{{number + 1:x16}}}","service":"payments","span_name":"step","event":"span_end","duration_ms":5,"attributes":{"n":{{{number}}},"padding":"{{{Padding}}}"}}""");
}
