namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>How long something took each time.</summary>
internal static class Waits
{
    public static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(
            $"  {what,-20} p50 {milliseconds[milliseconds.Count / 2],7:N0} ms   p99 {milliseconds[milliseconds.Count * 99 / 100],7:N0} ms   max {milliseconds[^1],7:N0} ms");
    }
}
