using System.Text;
using System.Text.RegularExpressions;

namespace ServerlessTrace.LocalHost.Triggers.Blobs;

/// <summary>A blob trigger's path: a container, then a name with parts in braces, such as <c>logs/{service}/{name}.json</c>.</summary>
internal sealed partial class BlobPathPattern
{
    private readonly Regex _name;

    private BlobPathPattern(string container, string prefix, Regex name, IReadOnlySet<string> names)
    {
        Container = container;
        Prefix = prefix;
        _name = name;
        Names = names;
    }

    public string Container { get; }

    /// <summary>What every matching name starts with.</summary>
    public string Prefix { get; }

    public IReadOnlySet<string> Names { get; }

    /// <summary>Null when the path is not one.</summary>
    public static BlobPathPattern? TryParse(string path)
    {
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        string container = slash < 0 ? path : path[..slash];
        string rest = slash < 0 ? "{name}" : path[(slash + 1)..];
        if (container.Length == 0 || rest.Length == 0 || container.Contains('{', StringComparison.Ordinal))
        {
            return null;
        }

        var expression = new StringBuilder("^");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        int position = 0;
        foreach (Match part in Part().Matches(rest))
        {
            expression.Append(Regex.Escape(rest[position..part.Index]));
            names.Add(part.Groups[1].Value);
            expression.Append("(?<").Append(part.Groups[1].ValueSpan).Append(">.+)");
            position = part.Index + part.Length;
        }

        expression.Append(Regex.Escape(rest[position..])).Append('$');
        int brace = rest.IndexOf('{', StringComparison.Ordinal);
        var name = new Regex(expression.ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        return new BlobPathPattern(container, brace < 0 ? rest : rest[..brace], name, names);
    }

    /// <summary>The named parts of a blob's name; null when it does not match.</summary>
    public IReadOnlyDictionary<string, object?>? Match(string blobName)
    {
        Match match = _name.Match(blobName);
        return match.Success
            ? Names.ToDictionary(name => name, name => (object?)match.Groups[name].Value, StringComparer.OrdinalIgnoreCase)
            : null;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Part();
}
