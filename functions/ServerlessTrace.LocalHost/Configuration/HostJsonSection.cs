using System.Globalization;
using System.Text.Json;

namespace ServerlessTrace.LocalHost.Configuration;

/// <summary>One object of <c>host.json</c>, read so that a wrong value is reported with its full path.</summary>
internal readonly struct HostJsonSection
{
    private readonly JsonElement? _object;
    private readonly string _source;
    private readonly string _path;

    public HostJsonSection(JsonElement? element, string source, string path = "")
    {
        if (element is { ValueKind: not JsonValueKind.Object })
        {
            throw new HostStartException($"{source}: {(path.Length == 0 ? "the file" : path)} must be an object.");
        }

        _object = element;
        _source = source;
        _path = path;
    }

    public HostJsonSection Section(string name) => new(Find(name), _source, PathOf(name));

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(name, "a string"),
    };

    public IReadOnlySet<string>? Texts(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            list.EnumerateArray().Select(item => item.GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase),
        _ => throw Wrong(name, "a list of strings"),
    };

    public int? Number(string name, int least, int most) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int value) && value >= least && value <= most => value,
        _ => throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")),
    };

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        _ => throw Wrong(name, "true or false"),
    };

    public TimeSpan? Duration(string name, TimeSpan least, TimeSpan most) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text
            when TimeSpan.TryParseExact(text.GetString(), "c", CultureInfo.InvariantCulture, out TimeSpan value) && value >= least && value <= most => value,
        _ => throw Wrong(name, most == TimeSpan.MaxValue ? $"a time span (hh:mm:ss) of at least {least}" : $"a time span (hh:mm:ss) from {least} to {most}"),
    };

    public HostStartException Wrong(string name, string expected) =>
        new($"{_source}: {PathOf(name)} must be {expected}, but is {Find(name)?.GetRawText()}.");

    private JsonElement? Find(string name)
    {
        if (_object is { } element)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null)
                {
                    return property.Value;
                }
            }
        }

        return null;
    }

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
