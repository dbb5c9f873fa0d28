using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ServerlessTrace.Cli.Output;
using ServerlessTrace.Generation;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>generate</c>: realistic, reproducible load.</summary>
internal static class GenerateCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        The logs are a shop's: nine services, calls nested and in parallel, retries, messages,
        errors, business ids. Every trace is complete, and the same options give the same bytes.

        Examples:
          serverlesstrace generate --spans 10000 --seed 7 --output load.ndjson
          serverlesstrace generate --spans 10000 --split-by-service --output load/
          serverlesstrace generate --spans 500 | serverlesstrace analyze --sources -
          serverlesstrace generate --spans 500 --format otlp --output load.otlp.jsonl

        """;

    private static readonly Option<long> Spans = new("--spans", "-n")
    {
        Description = "How many spans.",
        HelpName = "N",
        Required = true,
        CustomParser = PositiveNumber,
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "What all choices, ids included, follow from: the same seed gives the same bytes.",
        HelpName = "S",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string> Format = new("--format", "-f")
    {
        Description = "span-log: a JSON record a line. otlp: OTLP JSON, a request a line. otlp-protobuf: OTLP requests, each behind its length. Both as the Collector's file exporter writes them.",
        DefaultValueFactory = _ => "span-log",
    };

    private static readonly Option<string> Shape = new("--shape")
    {
        Description = "realistic: traces of 1 to 250 spans, a start and an end record each. benchmark: 10 spans a trace, one record of 900 bytes and more each.",
        DefaultValueFactory = _ => "realistic",
    };

    private static readonly Option<string?> Target = new("--output", "-o")
    {
        Description = "The file to write instead of standard output; with --split-by-service the folder.",
        HelpName = "FILE|DIR",
    };

    private static readonly Option<bool> Split = new("--split-by-service") { Description = "Write a file a service, as real services would, into the folder --output." };

    private static readonly Option<DateTimeOffset?> Start = StartOption();

    private static readonly Option<int> Rate = new("--traces-per-second")
    {
        Description = "How many traces start in a second of the log's time.",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
        CustomParser = result => (int)Math.Min(PositiveNumber(result), 1_000_000),
    };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("span-log", "otlp", "otlp-protobuf");
        Shape.AcceptOnlyFromAmong("realistic", "benchmark");
        var command = new Command(
            "generate",
            "Make up realistic, reproducible load: span logs or OTLP.")
        {
            Spans, Seed, Format, Shape, Target, Split, Start, Rate,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Split) && result.GetValue(Target) is null)
            {
                result.AddError("--split-by-service writes many files: name their folder with --output.");
            }

            if (result.GetValue(Split) && result.GetValue(Format) is "otlp" or "otlp-protobuf")
            {
                result.AddError("--split-by-service writes span logs: leave out --format.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<DateTimeOffset?> StartOption() => new("--start")
    {
        Description = "When the first trace starts (ISO 8601; UTC if it names no offset). Default: 2026-02-26T18:00:00Z.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset start) || start < DateTimeOffset.UnixEpoch)
            {
                result.AddError($"'{text}' is no time since 1970, such as 2026-02-26T18:00:00Z.");
            }

            return start;
        },
    };

    private static long PositiveNumber(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out long number) || number < 1)
        {
            result.AddError($"'{text}' is no whole number of 1 or more.");
        }

        return number;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new GeneratorOptions
        {
            Spans = parsed.GetValue(Spans),
            Seed = parsed.GetValue(Seed),
            Shape = parsed.GetValue(Shape) == "benchmark" ? LoadShape.Benchmark : LoadShape.Realistic,
            TracesPerSecond = parsed.GetValue(Rate),
        };
        var generator = new SpanLogGenerator(options with { Start = parsed.GetValue(Start) ?? options.Start });
        string? target = parsed.GetValue(Target);
        int exitCode = parsed.GetValue(Split) && target is not null
            ? await WriteFilesAsync(generator, target)
            : await ResultOutput.WriteAsync(target, output => Task.Run(() => generator.Write(output, FormatOf(parsed)), cancellationToken));
        if (exitCode == ExitCode.Fine && target is not null)
        {
            await Console.Error.WriteLineAsync($"{generator.SpanCount} spans in {generator.TraceCount} traces written to {target}");
        }

        return exitCode;
    }

    private static LoadFormat FormatOf(ParseResult parsed) => parsed.GetValue(Format) switch
    {
        "otlp" => LoadFormat.OtlpJson,
        "otlp-protobuf" => LoadFormat.OtlpProtobuf,
        _ => LoadFormat.SpanLog,
    };

    private static async Task<int> WriteFilesAsync(SpanLogGenerator generator, string folder)
    {
        Dictionary<string, FileStream> files = [];
        try
        {
            Directory.CreateDirectory(folder);
            await Task.Run(() => generator.WriteByService(service =>
                files.TryGetValue(service, out FileStream? file) ? file : files[service] = File.Create(Path.Join(folder, $"{service}.ndjson"))));
            return ExitCode.Fine;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {folder} cannot be written: {problem.Message}");
            return ExitCode.Usage;
        }
        finally
        {
            foreach (FileStream file in files.Values)
            {
                await file.DisposeAsync();
            }
        }
    }
}
