using System.CommandLine;
using System.CommandLine.Parsing;

namespace ServerlessTrace.Cli.Commands;

/// <summary>Options that an environment variable stands in for, so that secrets need not be on the command line.</summary>
internal sealed class Setting(Option<string?> option, string variable)
{
    /// <summary>The option.</summary>
    public Option<string?> Option => option;

    /// <summary>The option's value, else the variable's, else null.</summary>
    public string? Of(ParseResult parsed) => OrVariable(parsed.GetValue(option));

    /// <inheritdoc cref="Of(ParseResult)"/>
    public string? Of(CommandResult result) => OrVariable(result.GetValue(option));

    private string? OrVariable(string? value)
    {
        value ??= Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }
}
