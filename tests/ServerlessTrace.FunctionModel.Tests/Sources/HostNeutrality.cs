using System.Text.RegularExpressions;

namespace ServerlessTrace.FunctionModel.Tests.Sources;

/// <summary>What keeps a source file from compiling the same for both hosts.</summary>
internal static partial class HostNeutrality
{
    /// <summary>The offending lines, each with its number; none where the source is neutral.</summary>
    public static IEnumerable<string> Offences(string source) => source
        .Split('\n')
        .Select((line, index) => (Text: line.Trim(), Number: index + 1))
        .Where(line => HostNamespace().IsMatch(line.Text) || Condition().IsMatch(line.Text))
        .Select(line => $"{line.Number}: {line.Text}");

    [GeneratedRegex(@"\bServerlessTrace\s*\.\s*FunctionModel\b|\bMicrosoft\s*\.\s*(Azure\s*\.\s*(Functions|WebJobs)|DurableTask)\b|\busing\s+FunctionModel\b")]
    private static partial Regex HostNamespace();

    [GeneratedRegex(@"^#\s*(if|elif|define|undef)\b|\[\s*(System\s*\.\s*Diagnostics\s*\.\s*)?Conditional\s*\(")]
    private static partial Regex Condition();
}
