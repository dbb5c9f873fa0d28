using System.CommandLine;
using ServerlessTrace.Cli.Context;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>propagate</c>: calls a service with a trace context, and looks at what comes back.</summary>
internal static class PropagateCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Shows the headers that were sent and returned, and checks them: whether the service answers with
        the same correlation id, and with no context of another trace. Exit code 1 if it does not.

        Examples:
          serverlesstrace propagate --trace-id abc123 --span-id def456 --target http://api.example.com
          serverlesstrace propagate --trace-id 0af7651916cd43dd8448eb211c80319c --span-id b7ad6b7169203331 \
              --target http://localhost:5000/orders --method POST --correlation-id tx-123456

        """;

    private static readonly Option<TraceId> Trace = new("--trace-id", "-t")
    {
        Description = "The trace: up to 32 hex digits; a shorter id is padded with zeros on the left.",
        HelpName = "ID",
        Required = true,
        CustomParser = static result => TraceIdArgument.Parse(result) ?? default,
    };

    private static readonly Option<SpanId> Span = new("--span-id")
    {
        Description = "The span that calls: up to 16 hex digits; a shorter id is padded with zeros on the left.",
        HelpName = "ID",
        Required = true,
        CustomParser = result =>
        {
            if (!SpanId.TryParse(result.Tokens[0].Value, out SpanId id))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no span id: 1 to 16 hex digits, not all zero.");
            }

            return id;
        },
    };

    private static readonly Option<string> Target = new("--target") { Description = "What to call.", HelpName = "URL", Required = true };

    private static readonly Option<string> Method = new("--method") { Description = "How to call it.", DefaultValueFactory = _ => "GET" };

    private static readonly Option<string?> Correlation = new("--correlation-id") { Description = "The business transaction. Default: the trace id.", HelpName = "ID" };

    public static Command Create()
    {
        CorrelationOption.Validate(Correlation);
        Method.AcceptOnlyFromAmong("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");
        Target.Validators.Add(result =>
        {
            if (!RunningService.IsHttp(result.GetValueOrDefault<string>()))
            {
                result.AddError("--target is no address: http://HOST/PATH or https://….");
            }
        });
        var command = new Command("propagate", "Call a service with a trace context and check what it does with it.") { Trace, Span, Target, Method, Correlation };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var context = new NewContext(
            "serverlesstrace", parsed.GetValue(Trace).ToString(), parsed.GetValue(Span).ToString(), parsed.GetValue(Correlation));
        var target = new Uri(parsed.GetRequiredValue(Target));
        using var request = new HttpRequestMessage(new HttpMethod(parsed.GetRequiredValue(Method)), target);
        foreach ((string name, string value) in context.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // What is sent is what is shown: nothing may add to it, and a redirect would be another call.
        using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null, AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await ContextExchange.ReportAsync(Console.Out, context, request, response) ? ExitCode.Fine : ExitCode.Nothing;
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"error: {target} does not answer: {problem.Message}");
            return ExitCode.Nothing;
        }
    }
}
