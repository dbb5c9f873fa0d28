using System.Globalization;
using System.Text.RegularExpressions;

namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>The public API of the official packages, read from the list of <c>isolated-worker-api.txt</c>.</summary>
internal sealed partial class OfficialApi
{
    private readonly Dictionary<string, OfficialType> types = [];

    public IReadOnlyCollection<OfficialType> Types => types.Values;

    /// <summary>The list that lies beside the tests.</summary>
    public static OfficialApi Listed { get; } = Parse(ListedText());

    public static string ListedText()
    {
        using var stream = typeof(OfficialApi).Assembly.GetManifestResourceStream("isolated-worker-api.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a list. A line that is not understood is an error: what was skipped could not be checked.</summary>
    public static OfficialApi Parse(string text)
    {
        var api = new OfficialApi();
        OfficialType? current = null;
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                current = ReadHeader(header);
                api.types.Add(current.FullName, current);
            }
            else if (current is null || !line.StartsWith(current.FullName, StringComparison.Ordinal))
            {
                throw new FormatException($"Belongs to no type: {line}");
            }
            else
            {
                ReadDetail(current, line[current.FullName.Length..]);
            }
        }

        return api;
    }

    /// <summary>The one listed type of this simple name; null where there is none.</summary>
    public OfficialType? Find(string simpleName) => types.Values.SingleOrDefault(type => type.SimpleName == simpleName);

    public bool Describes(string fullName) => types.ContainsKey(fullName);

    private static OfficialType ReadHeader(Match header)
    {
        var type = new OfficialType(header.Groups["name"].Value, header.Groups["kind"].Value, header.Groups["base"].Value);
        type.Interfaces.AddRange(TopLevelCommas().Split(header.Groups["interfaces"].Value).Where(name => name.Length > 0));
        return type;
    }

    private static void ReadDetail(OfficialType type, string rest)
    {
        if (rest.StartsWith("  ", StringComparison.Ordinal))
        {
            ReadTypeNote(type, rest.TrimStart());
        }
        else if (type.Kind == "enum" && EnumValue().Match(rest) is { Success: true } value)
        {
            type.Members.Add(new OfficialMember(value.Groups["name"].Value, value.Groups["text"].Value));
        }
        else if (Member().Match(rest) is { Success: true } member)
        {
            type.Members.Add(new OfficialMember(member.Groups["name"].Value, member.Groups["text"].Value));
        }
        else
        {
            throw new FormatException($"Not a member: {type.FullName}{rest}");
        }
    }

    private static void ReadTypeNote(OfficialType type, string note)
    {
        if (Usage().Match(note) is { Success: true } usage)
        {
            var targets = Enum.Parse<AttributeTargets>(usage.Groups["targets"].Value);
            var allowMultiple = usage.Groups["multiple"].Success && bool.Parse(usage.Groups["multiple"].Value);
            var inherited = !usage.Groups["inherited"].Success || bool.Parse(usage.Groups["inherited"].Value);
            type.Usage = new AttributeUsageShape(targets, allowMultiple, inherited);
        }
        else if (note.StartsWith("underlying: ", StringComparison.Ordinal))
        {
            type.Members.Add(new OfficialMember(string.Empty, note));
        }
        else if (!IgnoredNote().IsMatch(note))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Not understood: {type.FullName}  {note}"));
        }
    }

    [GeneratedRegex(@"^(?<name>[\w.]+)  \[(?<kind>[a-z ]+); base: (?<base>[^;]+)(; implements: (?<interfaces>[^;]+))?; assembly: [\w.]+\]$")]
    private static partial Regex Header();

    [GeneratedRegex(@", (?![^<]*>)")]
    private static partial Regex TopLevelCommas();

    [GeneratedRegex(@"^\.(?<text>(?<name>\w+) = -?\d+)( \[Obsolete.*\])?$")]
    private static partial Regex EnumValue();

    // The notes at the end say that a member is obsolete or hidden from editors: no part of its shape.
    [GeneratedRegex(@"^\.(?<text>(?<name>\.?\w+).*?  \[[a-z ]+\]( = \S+)?( where .*?)?)( \[(Obsolete|EditorBrowsable)\(.*\)\])?$")]
    private static partial Regex Member();

    [GeneratedRegex(@"^(@AttributeUsageAttribute|effective \(inherited\) AttributeUsage)\((?<targets>\w+(, (?!AllowMultiple|Inherited)\w+)*)(, AllowMultiple=(?<multiple>\w+))?(, Inherited=(?<inherited>\w+))?\)$")]
    private static partial Regex Usage();

    // Attributes that only the official host reads, and members of bases that functions do not see.
    [GeneratedRegex(@"^(inherits members of |@BindingCapabilitiesAttribute|@InputConverterAttribute|@ConverterFallbackBehaviorAttribute)")]
    private static partial Regex IgnoredNote();
}
