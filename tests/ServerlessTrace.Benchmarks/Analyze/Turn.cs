using System.Diagnostics;
using System.Globalization;

namespace ServerlessTrace.Benchmarks.Analyze;

/// <summary>What one turn took.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="CpuSeconds">Of the processor, in this process and those that it waited for.</param>
internal readonly record struct Turn(double Seconds, double CpuSeconds)
{
    // USER_HZ, which Linux shows to programs whatever its own clock does (man 5 proc).
    private const double TicksPerSecond = 100;

    /// <summary>Measures an action.</summary>
    public static Turn Of(Action run)
    {
        double before = Cpu();
        var watch = Stopwatch.StartNew();
        run();
        return new Turn(watch.Elapsed.TotalSeconds, Cpu() - before);
    }

    private static double Cpu()
    {
        if (!OperatingSystem.IsLinux())
        {
            return double.NaN;
        }

        // Behind the name in parentheses: utime, stime, cutime and cstime are the 14th to 17th field of the line.
        string line = File.ReadAllText("/proc/self/stat");
        string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
