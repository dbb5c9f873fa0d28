using System.Diagnostics;
using DuckDB.NET.Data;
using ServerlessTrace.Core.Generation;

namespace ServerlessTrace.Benchmarks.Analyze;

/// <summary>
/// <c>serverlesstrace analyze</c> on a span-log file of 1 GB, as a process, against DuckDB doing the same aggregation over the
/// same file: per trace its start, duration, spans, errors and services. Both with all cores, both writing the table to a file.
/// </summary>
internal static class DuckDbBenchmark
{
    private const long Bytes = 1_000_000_000;
    private const int Rounds = 3;

    private const string Query =
        """
        COPY (
          SELECT trace_id,
                 min("timestamp" - to_milliseconds(duration_ms)) AS started,
                 max("timestamp") - min("timestamp" - to_milliseconds(duration_ms)) AS duration,
                 count(DISTINCT span_id) AS spans,
                 count(*) FILTER (WHERE status = 'ERROR') AS errors,
                 count(DISTINCT service) AS services
          FROM read_json('$FILE', format = 'newline_delimited', columns = {
                 trace_id: 'VARCHAR', span_id: 'VARCHAR', service: 'VARCHAR', status: 'VARCHAR', "timestamp": 'TIMESTAMP', duration_ms: 'DOUBLE'})
          GROUP BY trace_id ORDER BY started, trace_id
        ) TO '$OUTPUT' (FORMAT csv)
        """;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("serverlesstrace-analyze-").FullName;
        try
        {
            string file = Path.Combine(folder, "spans.ndjson");
            long spans = Generate(file);
            double gigabytes = new FileInfo(file).Length / 1e9;
            Console.WriteLine($"Analyze {gigabytes:N2} GB of span logs ({spans:N0} spans) into a table of traces, {Environment.ProcessorCount} cores, median of {Rounds}");
            double ours = Median(() => Analyze(file, Path.Combine(folder, "ours.txt")));
            double theirs = Median(() => Aggregate(file, Path.Combine(folder, "duckdb.csv")));
            Print("serverlesstrace analyze (a process)", ours, gigabytes, spans);
            Print("DuckDB (in this process)", theirs, gigabytes, spans);
            Console.WriteLine($"  {theirs / ours:N2} x DuckDB; traces: {Lines(Path.Combine(folder, "ours.txt")) - 2:N0} and {Lines(Path.Combine(folder, "duckdb.csv")) - 1:N0}");
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Generate(string file)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = Bytes / 1_085, Seed = 1, Shape = LoadShape.Benchmark });
        using FileStream stream = File.Create(file);
        generator.Write(stream);
        return generator.SpanCount;
    }

    private static void Analyze(string file, string output)
    {
        string command = Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet") { ArgumentList = { command, "analyze", "--sources", file, "--output", output } })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"analyze ended with {process.ExitCode}.");
        }
    }

    private static void Aggregate(string file, string output)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = Query.Replace("$FILE", file, StringComparison.Ordinal).Replace("$OUTPUT", output, StringComparison.Ordinal);
        command.ExecuteNonQuery();
    }

    private static double Median(Action run)
    {
        double[] seconds = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            var watch = Stopwatch.StartNew();
            run();
            seconds[i] = watch.Elapsed.TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Rounds / 2];
    }

    private static int Lines(string file) => File.ReadLines(file).Count();

    private static void Print(string what, double seconds, double gigabytes, long spans) =>
        Console.WriteLine($"  {what,-38} {seconds,6:N2} s   {gigabytes / seconds * 1_000,7:N0} MB/s   {spans / seconds,10:N0} spans/s");
}
