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

    private static readonly string[] All = [Text, Json, Markdown, Html];

    /// <summary>The option <c>--format</c>; null where it was not given.</summary>
    /// <param name="description">What the help says.</param>
    /// <param name="formats">Those that a verb has; all where none is given.</param>
    public static Option<string?> Option(string description, params string[] formats)
    {
        var option = new Option<string?>("--format", "-f") { Description = description, HelpName = string.Join('|', formats.Length == 0 ? All : formats) };
        option.Validators.Add(result => Validate(result, result.GetValueOrDefault<string?>(), formats));
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
    public static void Validate(SymbolResult result, string? format, params string[] formats)
    {
        string[] known = formats.Length == 0 ? All : formats;
        if (format is not null && !known.Contains(format))
        {
            result.AddError($"The format '{format}' is not available; use {string.Join(", ", known[..^1])} or {known[^1]}.");
        }
    }

    /// <summary>The media type that a service knows a format by.</summary>
    public static string MediaType(string? format) => format switch
    {
        Json => "application/json",
        Markdown => "text/markdown",
        Html => "text/html",
        _ => "text/plain",
    };
}
