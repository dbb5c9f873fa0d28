using System.CommandLine;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Cli.Commands;

/// <summary>What a correlation id may be.</summary>
internal static class CorrelationOption
{
    public static void Validate(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } id && !BusinessIds.Default.Allows(ContextHeaders.CorrelationIdField, id))
        {
            result.AddError($"'{id}' is no correlation id: 1 to 128 letters, digits and -_.:/ without blanks.");
        }
    });
}
