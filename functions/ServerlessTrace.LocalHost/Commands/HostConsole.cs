using Spectre.Console;

namespace ServerlessTrace.LocalHost.Commands;

/// <summary>What the user sees: results on standard output, progress and trouble on standard error; colours on terminals only.</summary>
internal sealed class HostConsole
{
    private readonly IAnsiConsole _output = ConsoleFor(Console.Out, Console.IsOutputRedirected);
    private readonly IAnsiConsole _errors = ConsoleFor(Console.Error, Console.IsErrorRedirected);

    public void Progress(string line) => _errors.MarkupLineInterpolated($"[grey]{line}[/]");

    public void Warning(string line) => _errors.MarkupLineInterpolated($"[yellow]{line}[/]");

    public void Error(string line) => _errors.MarkupLineInterpolated($"[red]{line}[/]");

    public void Fact(string name, string value) => _output.MarkupLineInterpolated($"  [grey]{name,-12}[/] {value}");

    public void Heading(string line) => _output.MarkupLineInterpolated($"[bold]{line}[/]");

    /// <summary>A text as it is.</summary>
    public void Text(string text) => _output.WriteLine(text);

    private static IAnsiConsole ConsoleFor(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (redirected)
        {
            // Lines are for other programs then, which wrap nothing.
            console.Profile.Width = int.MaxValue;
        }

        return console;
    }
}
