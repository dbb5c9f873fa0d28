using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Enumerations written as names. The specification demands numbers in JSON; generic protobuf printers write names. What is
/// unknown counts as not said.
/// </summary>
internal static class OtlpEnumerations
{
    private static readonly string[] Severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

    /// <summary>Finds the number of a name.</summary>
    public delegate long Lookup(string name);

    /// <summary>The number of a span kind, such as <c>SPAN_KIND_SERVER</c>.</summary>
    public static long KindOf(string name) => (long)Parse<SpanKind>(name, "SPAN_KIND_");

    /// <summary>The number of a status code, such as <c>STATUS_CODE_ERROR</c>.</summary>
    public static long StatusOf(string name) => (long)Parse<SpanStatus>(name, "STATUS_CODE_");

    /// <summary>The number of a severity, such as <c>SEVERITY_NUMBER_ERROR2</c>.</summary>
    public static long SeverityOf(string name)
    {
        string plain = Without(name, "SEVERITY_NUMBER_");
        for (int i = 0; i < Severities.Length; i++)
        {
            if (plain.StartsWith(Severities[i], StringComparison.OrdinalIgnoreCase))
            {
                int level = plain.Length == Severities[i].Length + 1 && plain[^1] is >= '2' and <= '4' ? plain[^1] - '1' : 0;
                return (i * 4) + 1 + level;
            }
        }

        return 0;
    }

    /// <summary>The name of a severity's range; empty for 0.</summary>
    public static string SeverityName(long number) => number is < 1 or > 24 ? string.Empty : Severities[(number - 1) / 4];

    private static T Parse<T>(string name, string prefix)
        where T : struct, Enum
    {
        string plain = Without(name, prefix);
        return plain.Length > 0 && char.IsAsciiLetter(plain[0]) && Enum.TryParse(plain, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value : default;
    }

    private static string Without(string name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name;
}
