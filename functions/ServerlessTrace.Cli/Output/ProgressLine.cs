using ServerlessTrace.Core.Reports;
using Spectre.Console;

namespace ServerlessTrace.Cli.Output;

/// <summary>Shows on a terminal what is going on; shows nothing where standard error is no terminal.</summary>
internal static class ProgressLine
{
    /// <summary>Runs work that says, by calling its argument, what it is at.</summary>
    public static async Task<T> WhileAsync<T>(string what, Func<Action<string>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            return await work(static _ => { });
        }

        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await terminal.Status().StartAsync(what, status => work(now => status.Status(Markup.Escape(PlainText.Line($"{what} {now}", 70)))));
    }
}
