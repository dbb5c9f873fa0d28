using ServerlessTrace.Benchmarks.Alerts;
using ServerlessTrace.Benchmarks.Analysis;
using ServerlessTrace.Benchmarks.Analyze;
using ServerlessTrace.Benchmarks.DropToSealed;
using ServerlessTrace.Benchmarks.Durable;
using ServerlessTrace.Benchmarks.Fuzzing;
using ServerlessTrace.Benchmarks.Memory;
using ServerlessTrace.Benchmarks.Overhead;
using ServerlessTrace.Benchmarks.Packing;
using ServerlessTrace.Benchmarks.Parsing;
using ServerlessTrace.Benchmarks.Posts;
using ServerlessTrace.Benchmarks.Scale;
using ServerlessTrace.Benchmarks.Webhooks;

switch (args.FirstOrDefault())
{
    case "parse":
        return ParseBenchmark.Run();
    case "otlp":
        return OtlpBenchmark.Run();
    case "formats":
        return FormatsBenchmark.Run(args.Skip(1).FirstOrDefault());
    case "pack":
        PackBenchmark.Run();
        return 0;
    case "analysis":
        return AnalysisBenchmark.Run(args.Skip(1).FirstOrDefault());
    case "cpu":
        CpuBenchmark.Run();
        return 0;
    case "drop":
        await ThroughputBenchmark.RunAsync(args.Skip(1).FirstOrDefault());
        return 0;
    case "posts":
        await PostBenchmark.RunAsync(args.Skip(1).FirstOrDefault());
        return 0;
    case "posts-sender":
        await PostSender.RunAsync(new Uri(args[1]), args[2]);
        return 0;
    case "freshness":
        await FreshnessBenchmark.RunAsync();
        return 0;
    case "webhook":
        await WebhookBenchmark.RunAsync();
        return 0;
    case "alerts":
        await EvaluationBenchmark.RunAsync();
        return 0;
    case "durable":
        await DurableBenchmark.RunAsync(args is [_, var kills] ? int.Parse(kills, System.Globalization.CultureInfo.InvariantCulture) : 5);
        return 0;
    case "durable-host":
        await DurableBenchmark.ServeAsync(args[1], args[2]);
        return 0;
    case "read":
        await ReadBenchmark.RunAsync();
        return 0;
    case "memory":
        return await MemoryBenchmark.RunAsync(args.Skip(1).FirstOrDefault(arg => arg != "gzip"), args.Contains("gzip"));
    case "scale":
        await ScaleSimulation.RunAsync();
        return 0;
    case "analyze":
        return DuckDbBenchmark.Run();
    case "overhead":
        await OverheadBenchmark.RunAsync();
        return 0;
    case "fuzz":
        return FuzzProgram.Run(args[1..]);
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project tests/ServerlessTrace.Benchmarks -- parse|otlp|formats [NAME]|pack|analysis [SHAPE]|cpu|drop [NAME]|posts [warm|cold]|freshness|webhook|alerts|durable [KILLS]|read|scale|memory [MiB] [gzip]|analyze|overhead|fuzz [INPUTS [RUN]]");
        return 2;
}
