using System.Diagnostics;
using System.Globalization;
using ServerlessTrace.TestSupport.Fuzzing;

namespace ServerlessTrace.Benchmarks.Fuzzing;

/// <summary>Fuzzes every reader: <c>fuzz INPUTS RUN</c>. The same run reads the same inputs.</summary>
internal static class FuzzProgram
{
    public static int Run(string[] args)
    {
        long inputs = args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        int run = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
        FuzzRun fuzz = new();
        long started = Stopwatch.GetTimestamp();
        fuzz.Run(inputs, run, TimeSpan.FromSeconds(20));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        Console.WriteLine($"{fuzz.Inputs:N0} inputs (run {run}) in {elapsed.TotalSeconds:N0} s, {elapsed.TotalMicroseconds / fuzz.Inputs:N0} µs each; the slowest {fuzz.Slowest.TotalMilliseconds:N1} ms");
        Console.WriteLine($"{fuzz.Records:N0} records accepted, {fuzz.Rejected:N0} rejected; {fuzz.Unreadable:N0} times a source was refused");
        Console.WriteLine($"at most {fuzz.MostAllocatedByOne / 1024:N0} KiB allocated for one input; peak of the process {Environment.WorkingSet >> 20:N0} MiB now, {Process.GetCurrentProcess().PeakWorkingSet64 >> 20:N0} MiB at most");
        Console.WriteLine($"taken for: {string.Join(", ", fuzz.Formats.OrderByDescending(f => f.Value).Select(f => $"{f.Key} {f.Value:N0}"))}");
        foreach (string failure in fuzz.Failures)
        {
            Console.WriteLine(failure);
        }

        Console.WriteLine(fuzz.Failures.Count == 0 ? "no failure" : $"{fuzz.Failures.Count} failures");
        return fuzz.Failures.Count == 0 ? 0 : 1;
    }
}
