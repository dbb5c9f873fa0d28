using Microsoft.DurableTask;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>Failures as a history keeps them: bounded, whatever an exception's message holds.</summary>
internal static class FailureRecord
{
    private const int MaxText = 8_000;
    private const int MaxDepth = 4;

    public static TaskFailureDetails Of(Exception exception) => Of(exception, MaxDepth);

    private static TaskFailureDetails Of(Exception exception, int depth)
    {
        TaskFailureDetails? inner = exception switch
        {
            TaskFailedException failed => failed.FailureDetails,
            { InnerException: { } cause } when depth > 1 => Of(cause, depth - 1),
            _ => null,
        };
        return new TaskFailureDetails(
            exception.GetType().FullName ?? exception.GetType().Name, Cut(exception.Message)!, Cut(exception.StackTrace), inner, null);
    }

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] + " …" : text;
}
