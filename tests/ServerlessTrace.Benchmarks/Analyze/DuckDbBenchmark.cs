using System.Diagnostics;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Benchmarks.Analyze;

/// <summary>
/// <c>serverlesstrace analyze</c> on a span-log file of 1 GB, as it is published and as a process, its start included, against DuckDB doing the
/// same aggregation over the same file within this one: per trace its start, duration, spans, errors and services. DuckDB is told of the few
/// columns and their types that it needs; ours besides tells roots and merges the parts of spans. Both with all cores and taking turns, both
/// check that lines are JSON and write the table to a file.
/// </summary>
internal static class DuckDbBenchmark
{
    private const long Bytes = 1_000_000_000;
    private const int Rounds = 5;

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
            string command = Publish(Path.Combine(folder, "cli"));
            string file = Path.Combine(folder, "spans.ndjson");
            long spans = Generate(file);
            double gigabytes = new FileInfo(file).Length / 1e9;
            Console.WriteLine($"Analyze {gigabytes:N2} GB of span logs ({spans:N0} spans) into a table of traces, {Environment.ProcessorCount} cores, median of {Rounds}");
            var ours = new List<Turn>();
            var theirs = new List<Turn>();
            for (int round = 0; round < Rounds; round++)
            {
                ours.Add(Turn.Of(() => Analyze(command, file, Path.Combine(folder, "ours.txt"))));
                theirs.Add(Turn.Of(() => Aggregate(file, Path.Combine(folder, "duckdb.csv"))));
            }

            Print("serverlesstrace analyze (a process)", ours, gigabytes, spans);
            Print("DuckDB (in this process)", theirs, gigabytes, spans);
            Console.WriteLine(
                $"  {Median(theirs, turn => turn.Seconds) / Median(ours, turn => turn.Seconds):N2} x DuckDB; "
                + $"traces: {Lines(Path.Combine(folder, "ours.txt")) - 2:N0} and {Lines(Path.Combine(folder, "duckdb.csv")) - 1:N0}");
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Publishes the command line for this machine, as the README says; returns the program's path.</summary>
    private static string Publish(string folder)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ServerlessTrace.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException($"No ServerlessTrace.sln above {AppContext.BaseDirectory}");
        }

        Start("dotnet", "publish", Path.Combine(root, "functions", "ServerlessTrace.Cli"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-v", "q", "-o", folder);
        return Path.Combine(folder, "serverlesstrace");
    }

    private static long Generate(string file)
    {
        var generator = new SpanLogGenerator(new GeneratorOptions { Spans = Bytes / 1_085, Seed = 1, Shape = LoadShape.Benchmark });
        using FileStream stream = File.Create(file);
        generator.Write(stream);
        return generator.SpanCount;
    }

    private static void Analyze(string command, string file, string output) => Start(command, "analyze", "--sources", file, "--output", output);

    private static void Start(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} {arguments[0]} ended with {process.ExitCode}.");
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

    private static double Median(List<Turn> turns, Func<Turn, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);

    private static int Lines(string file) => File.ReadLines(file).Count();

    private static void Print(string what, List<Turn> turns, double gigabytes, long spans)
    {
        double seconds = Median(turns, turn => turn.Seconds);
        Console.WriteLine(
            $"  {what,-38} {seconds,6:N2} s   {gigabytes / seconds * 1_000,7:N0} MB/s   {spans / seconds,10:N0} spans/s   {Median(turns, turn => turn.CpuSeconds),6:N2} s of processor");
    }
}
