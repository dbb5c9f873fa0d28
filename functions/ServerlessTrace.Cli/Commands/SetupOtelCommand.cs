using System.CommandLine;
using System.Text.RegularExpressions;
using ServerlessTrace.Cli.Setup;

namespace ServerlessTrace.Cli.Commands;

/// <summary><c>setup-otel</c>: the files that make a service send its traces.</summary>
internal static partial class SetupOtelCommand
{
    /// <summary>What the help adds.</summary>
    public const string Examples =
        """
        Writes few files: the code or agent settings with the automatic instrumentation, pinned packages, and
        otel.env with what every OpenTelemetry SDK reads. Jaeger is sent OTLP, which it takes itself.
        The function key is never written to a file: it goes into OTEL_EXPORTER_OTLP_HEADERS.

        Examples:
          serverlesstrace setup-otel --language nodejs --exporter serverlesstrace --sampling-ratio 0.1
          serverlesstrace setup-otel --language dotnet --service payment-service --url https://traces.example.com --output src/Payment
          serverlesstrace setup-otel --language python --exporter jaeger

        """;

    private static readonly Option<string> Language = new("--language", "-l") { Description = "The language.", Required = true };

    private static readonly Option<string> Exporter = new("--exporter") { Description = "Where spans go.", DefaultValueFactory = _ => ExporterChoice.ServerlessTrace };

    private static readonly Option<double> Ratio = SamplingRatio.Option();

    private static readonly Option<string?> Service = new("--service") { Description = "The service. Default: the name of the folder.", HelpName = "NAME" };

    private static readonly Option<string> DeploymentEnvironment = new("--environment") { Description = "The deployment environment.", HelpName = "NAME", DefaultValueFactory = _ => "production" };

    private static readonly Option<string?> Url = new("--url") { Description = "The exporter's address. Default: its usual one on this machine." };

    private static readonly Option<string> Folder = new("--output", "-o") { Description = "The folder to write to.", HelpName = "DIR", DefaultValueFactory = _ => "." };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace files that are there." };

    public static Command Create()
    {
        Language.AcceptOnlyFromAmong(SetupFiles.Languages);
        Exporter.AcceptOnlyFromAmong(ExporterChoice.Names);
        var command = new Command("setup-otel", "Write the files that make a service send its traces.")
        {
            Language, Exporter, Ratio, Service, DeploymentEnvironment, Url, Folder, Force,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Url) is { } url && !RunningService.IsHttp(url))
            {
                result.AddError($"--url is no address: '{url}'.");
            }

            // They are written into code and settings of five languages: what needs no quoting in any of them.
            foreach (string name in new[] { result.GetValue(Service), result.GetValue(DeploymentEnvironment) }.OfType<string>())
            {
                if (!Name().IsMatch(name))
                {
                    result.AddError($"'{name}' is no name: letters, digits, '-', '_' and '.'.");
                }
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(parsed.GetRequiredValue(Folder));
        string folderName = Unnamable().Replace(Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), "-").Trim('-');
        string service = parsed.GetValue(Service) ?? (folderName.Length > 0 ? folderName : "my-service");
        var setup = new SetupFiles(
            parsed.GetRequiredValue(Language),
            ExporterChoice.Of(parsed.GetRequiredValue(Exporter), parsed.GetValue(Url)),
            service,
            parsed.GetRequiredValue(DeploymentEnvironment),
            parsed.GetValue(Ratio));
        (string Name, string Content)[] files = [.. setup.All()];
        string[] taken = [.. files.Select(file => Path.Join(folder, file.Name)).Where(File.Exists)];
        if (taken.Length > 0 && !parsed.GetValue(Force))
        {
            await Console.Error.WriteLineAsync($"error: {string.Join(", ", taken)} is there already; --force replaces it.");
            return ExitCode.Usage;
        }

        try
        {
            Directory.CreateDirectory(folder);
            foreach ((string name, string content) in files)
            {
                await File.WriteAllTextAsync(Path.Join(folder, name), content, cancellationToken);
                await Console.Out.WriteLineAsync($"wrote {Path.Join(folder, name)}");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {folder} cannot be written: {problem.Message}");
            return ExitCode.Usage;
        }

        await Console.Out.WriteLineAsync(setup.NextSteps);
        return ExitCode.Fine;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex Name();

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex Unnamable();
}
