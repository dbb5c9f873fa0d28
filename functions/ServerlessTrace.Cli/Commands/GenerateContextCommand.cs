using System.CommandLine;
using System.Text;
using ServerlessTrace.Cli.Context;
using ServerlessTrace.Cli.Output;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>generate-context</c>: a new trace context, in every form that one travels in.</summary>
internal static class GenerateContextCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Prints headers for HTTP, the envelope of a queue message, environment variables for a child
        process, a SQL comment, and the trace context configuration to agree on.

        Examples:
          serverlesstrace generate-context --service payment-service
          serverlesstrace generate-context --service payment-service --output context.json
          serverlesstrace generate-context --service batch --format env > context.env

        """;

    private static readonly Option<string> Service = new("--service") { Description = "The service that the request begins in.", HelpName = "NAME", Required = true };

    private static readonly Option<string?> Correlation = new("--correlation-id")
    {
        Description = "The business transaction. Default: the trace id.",
        HelpName = "ID",
    };

    private static readonly Option<double> Ratio = SamplingRatio.Option();

    private static readonly Option<string?> Format = new("--format", "-f") { Description = "yaml, json, or env for environment variables alone. Default: yaml, or what the name of --output implies." };

    private static readonly Option<string?> Target = new("--output", "-o") { Description = "The file to write instead of standard output.", HelpName = "FILE" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong(ContextDocument.Yaml, ContextDocument.Json, ContextDocument.Env);
        CorrelationOption.Validate(Correlation);
        var command = new Command("generate-context", "Make up a trace context for a new request.") { Service, Correlation, Ratio, Format, Target };
        command.SetAction((parsed, cancellationToken) =>
        {
            string? target = parsed.GetValue(Target);
            string format = parsed.GetValue(Format) ?? OfFile(target);
            var context = new NewContext(parsed.GetRequiredValue(Service), correlationId: parsed.GetValue(Correlation));
            byte[] document = Encoding.UTF8.GetBytes(ContextDocument.Write(context, parsed.GetValue(Ratio), format));
            return ResultOutput.WriteAsync(target, output => output.WriteAsync(document, cancellationToken).AsTask());
        });
        return command;
    }

    private static string OfFile(string? file) => Path.GetExtension(file)?.ToUpperInvariant() switch
    {
        ".JSON" => ContextDocument.Json,
        ".ENV" => ContextDocument.Env,
        _ => ContextDocument.Yaml,
    };
}
