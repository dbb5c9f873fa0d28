using System.CommandLine;
using System.Globalization;

namespace ServerlessTrace.Cli.Commands;

/// <summary>The option <c>--sampling-ratio</c>.</summary>
internal static class SamplingRatio
{
    public static Option<double> Option() => new("--sampling-ratio")
    {
        Description = "The share of new traces that are kept, from 0 to 1.",
        HelpName = "R",
        DefaultValueFactory = _ => 0.1,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ratio) || ratio > 1)
            {
                result.AddError($"'{text}' is no share from 0 to 1, such as 0.1.");
            }

            return ratio;
        },
    };
}
