using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Alerting.Rules.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ServerlessTrace.Cli.Rules;

/// <summary>A YAML file of alert rules: <c>rules:</c> and a list of what <c>PUT /api/alert-rules/{id}</c> takes, each with its <c>id</c>.</summary>
internal sealed class RuleFile
{
    private const int MostNodes = 50_000;

    private int _nodes;

    private RuleFile()
    {
    }

    /// <summary>The rules, in order of the file.</summary>
    public List<AlertRule> Rules { get; } = [];

    /// <summary>What is wrong with the file, each with its line; nothing where it can be applied.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Reads a file and checks every rule.</summary>
    public static RuleFile Read(TextReader text)
    {
        var file = new RuleFile();
        try
        {
            var yaml = new YamlStream();
            yaml.Load(text);
            file.Read(yaml);
        }
        catch (YamlException broken)
        {
            file.Problems.Add(Line(broken.Start, broken.InnerException?.Message ?? broken.Message));
        }

        return file;
    }

    private void Read(YamlStream yaml)
    {
        if (yaml.Documents.Count != 1
            || yaml.Documents[0].RootNode is not YamlMappingNode root
            || root.Children.Count != 1
            || !root.Children.TryGetValue(new YamlScalarNode("rules"), out YamlNode? rules)
            || rules is not YamlSequenceNode list)
        {
            Problems.Add("The file must be one YAML document with a list of rules under 'rules:'.");
            return;
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlNode node in list)
        {
            (AlertRule? rule, IReadOnlyList<string> problems) = RuleDocument.Read(Encoding.UTF8.GetBytes(ToJson(node)?.ToJsonString() ?? "null"), null);
            Problems.AddRange(problems.Select(problem => Line(node.Start, problem)));
            if (rule is not null && !ids.Add(rule.Id))
            {
                Problems.Add(Line(node.Start, $"'{rule.Id}' is there twice."));
            }
            else if (rule is not null)
            {
                Rules.Add(rule);
            }
        }
    }

    /// <exception cref="YamlException">It is too much: aliases may stand for more than anybody wrote.</exception>
    private JsonNode? ToJson(YamlNode node)
    {
        if (++_nodes > MostNodes)
        {
            throw new YamlException(node.Start, node.End, "The file is too big.");
        }

        return node switch
        {
            YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(((child.Key as YamlScalarNode)?.Value) ?? string.Empty, ToJson(child.Value)))),
            YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
            YamlScalarNode scalar => ToJson(scalar),
            _ => null,
        };
    }

    /// <summary>What is not in quotes is a number, true, false or null where it looks like one (YAML 1.2, core schema).</summary>
    private static JsonValue? ToJson(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? string.Empty;
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    private static string Line(Mark at, string problem) => string.Create(CultureInfo.InvariantCulture, $"line {at.Line}: {problem}");
}
