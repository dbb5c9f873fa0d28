using System.CommandLine;

namespace ServerlessTrace.Cli.Commands;

/// <summary>The option <c>--sources</c>.</summary>
internal static class SourceOption
{
    public static Option<string[]> Create(bool required)
    {
        var option = new Option<string[]>("--sources", "-s")
        {
            Description = "What to read: files, folders (with all folders in them), patterns such as 'logs/**/*.json', and - for standard input, separated by commas or spaces.",
            HelpName = "a.log,dir/,*.json,-",
            Required = required,
            AllowMultipleArgumentsPerToken = true,
        };
        option.Validators.Add(result =>
        {
            // An option that takes many words takes misspelt options, too.
            foreach (string word in result.Tokens.Select(token => token.Value).Where(word => word.Length > 1 && word[0] == '-' && word[1] != ','))
            {
                result.AddError($"There is no option {word}. (A file of that name is ./{word}.)");
            }
        });
        return option;
    }
}
