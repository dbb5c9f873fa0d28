using System.CommandLine;
using System.CommandLine.Parsing;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary>Trace ids on the command line: 1 to 32 hex digits, padded with zeros on the left.</summary>
internal static class TraceIdArgument
{
    /// <summary>An argument that is a trace id.</summary>
    public static Argument<TraceId> Of(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = static result => Parse(result) ?? default,
    };

    /// <summary>Reads the id, or says what is wrong with it.</summary>
    public static TraceId? Parse(ArgumentResult result)
    {
        if (TraceId.TryParse(result.Tokens[0].Value, out TraceId id))
        {
            return id;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no trace id: 1 to 32 hex digits, not all zero.");
        return null;
    }
}
