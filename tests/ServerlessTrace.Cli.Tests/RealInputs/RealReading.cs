using System.Globalization;
using System.Text.RegularExpressions;
using ServerlessTrace.Cli.Sources;
using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>What <c>analyze</c> makes of some files.</summary>
internal sealed partial class RealReading
{
    private readonly string[] _paths;
    private readonly string _errors;

    private RealReading(string[] paths, SourceReading reading, IReadOnlyList<TraceRange> traces, string errors)
    {
        _paths = paths;
        _errors = errors;
        ExitCode = reading.Records == 0 ? Cli.ExitCode.Nothing : Cli.ExitCode.Fine;
        Traces = traces.ToDictionary(range => range.TraceId.ToString(), range => new RealTrace(new Trace(reading.Batch, range)));
        Rejected = RejectedCount().Matches(errors).Sum(match => long.Parse(match.Groups[1].ValueSpan, NumberStyles.Integer, CultureInfo.InvariantCulture));
        RejectedLines = [.. RejectedLine().Matches(errors).Select(match => long.Parse(match.Groups[1].ValueSpan, NumberStyles.Integer, CultureInfo.InvariantCulture))];
    }

    public int ExitCode { get; }

    public IReadOnlyDictionary<string, RealTrace> Traces { get; }

    public long Rejected { get; }

    public HashSet<long> RejectedLines { get; }

    public int Events => Traces.Values.Sum(trace => trace.Events);

    public static async Task<RealReading> OfAsync(string[] paths)
    {
        using StringWriter errors = new();
        SourceReading reading = new(errors, static _ => { });
        IReadOnlyList<TraceRange> traces = await reading.ReadAsync(paths, CancellationToken.None);
        return new RealReading(paths, reading, traces, errors.ToString());
    }

    /// <summary>Whether nothing was read and the reason names one of some kinds of file; names and excerpts of the input do not count.</summary>
    public bool IsRefusedAs(IEnumerable<string> names)
    {
        string content = Flat(string.Join('\n', _paths.Select(File.ReadAllText)));
        string told = string.Join('\n', _errors.Split('\n').Select(line => WithoutExcerpt(_paths.Aggregate(line, (text, path) => text.Replace(path, string.Empty, StringComparison.Ordinal)), content)));
        return ExitCode != Cli.ExitCode.Fine && names.Any(name => told.Contains(name, StringComparison.OrdinalIgnoreCase));
    }

    private static string WithoutExcerpt(string line, string content)
    {
        for (int at = line.IndexOf(": ", StringComparison.Ordinal); at >= 0; at = line.IndexOf(": ", at + 1, StringComparison.Ordinal))
        {
            string rest = Flat(line[(at + 2)..]).TrimEnd('…').Trim();
            if (rest.Length > 0 && content.Contains(rest, StringComparison.Ordinal))
            {
                return line[..at];
            }
        }

        return line;
    }

    private static string Flat(string text) => Blanks().Replace(text.Replace("\uFEFF", string.Empty, StringComparison.Ordinal), " ");

    [GeneratedRegex(@": (\d+) of \d+ records could not be read")]
    private static partial Regex RejectedCount();

    [GeneratedRegex(@"^\s+line (\d+):", RegexOptions.Multiline)]
    private static partial Regex RejectedLine();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
