namespace ServerlessTrace.Cli.Output;

/// <summary>Where results go: standard output, or the file that <c>--output</c> names.</summary>
internal static class ResultOutput
{
    /// <summary>Writes a result. A reader of standard output that has gone away, such as <c>head</c>, is no error.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> WriteAsync(string? file, Func<Stream, Task> write)
    {
        if (file is null)
        {
            try
            {
                await using Stream output = Console.OpenStandardOutput();
                await using var buffered = new BufferedStream(output, 1 << 16);
                await write(buffered);
            }
            catch (IOException)
            {
                // EPIPE: nobody reads on.
            }

            return ExitCode.Fine;
        }

        try
        {
            await using var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
            await write(output);
            return ExitCode.Fine;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {file} cannot be written: {problem.Message}");
            return ExitCode.Usage;
        }
    }
}
