using System.CommandLine;
using System.CommandLine.Parsing;

namespace ServerlessTrace.Cli.Commands;

/// <summary>The formats that results come in.</summary>
internal static class ResultFormat
{
    public const string Text = "text";
    public const string Json = "json";
    public const string Markdown = "markdown";
    public const string Html = "html";

    /// <summary>The option <c>--format</c>; null where it was not given.</summary>
    public static Option<string?> Option(string description)
    {
        var option = new Option<string?>("--format", "-f") { Description = description, HelpName = "text|json|markdown|html" };
        option.Validators.Add(result => Validate(result, result.GetValueOrDefault<string?>()));
        return option;
    }

    /// <summary>The format that a file's name implies; null where it implies none.</summary>
    public static string? OfFile(string? file) => Path.GetExtension(file)?.ToUpperInvariant() switch
    {
        ".JSON" => Json,
        ".MD" => Markdown,
        ".HTM" or ".HTML" => Html,
        _ => null,
    };

    /// <summary>Says so if a format is none of ours.</summary>
    public static void Validate(SymbolResult result, string? format)
    {
        if (format is not (null or Text or Json or Markdown or Html))
        {
            result.AddError($"The format '{format}' is not available; use text, json, markdown or html.");
        }
    }
}
