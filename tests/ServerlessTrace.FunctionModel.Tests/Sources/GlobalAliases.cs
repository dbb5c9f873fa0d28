using System.Text.RegularExpressions;

namespace ServerlessTrace.FunctionModel.Tests.Sources;

/// <summary>The aliases of a <c>GlobalUsings.cs</c>: what each name stands for.</summary>
internal static partial class GlobalAliases
{
    public static IReadOnlyDictionary<string, string> Of(string source) =>
        Alias().Matches(source).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["target"].Value);

    /// <summary>Lines that are neither an alias nor a comment: they would show a host's whole namespace to the functions.</summary>
    public static IEnumerable<string> OtherLines(string source) => source
        .Split('\n')
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && line[0] is not ('/' or '#') && !Alias().IsMatch(line));

    [GeneratedRegex(@"^global using (?<name>\w+) = (?<target>[\w.]+);\s*$", RegexOptions.Multiline)]
    private static partial Regex Alias();
}
