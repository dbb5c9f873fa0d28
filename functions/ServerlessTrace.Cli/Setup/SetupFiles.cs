using System.Globalization;
using System.Reflection;
using System.Text;

namespace ServerlessTrace.Cli.Setup;

/// <summary>The files that set OpenTelemetry up in a language.</summary>
/// <param name="Language">The language.</param>
/// <param name="Exporter">Where spans go.</param>
/// <param name="Service">The service.</param>
/// <param name="Environment">The deployment environment.</param>
/// <param name="Ratio">The share of new traces that are kept.</param>
internal sealed record SetupFiles(string Language, ExporterChoice Exporter, string Service, string Environment, double Ratio)
{
    private const string Common = "common";

    private static readonly Dictionary<string, string[]> Files = new(StringComparer.Ordinal)
    {
        ["dotnet"] = ["Tracing.cs", "Tracing.props"],
        ["nodejs"] = ["instrumentation.js", "package.otel.json"],
        ["python"] = ["requirements-otel.txt"],
        ["java"] = ["otel.properties"],
        ["go"] = ["tracing.go"],
    };

    /// <summary>The languages.</summary>
    public static string[] Languages { get; } = [.. Files.Keys];

    /// <summary>What to do with the files.</summary>
    public string NextSteps => Language switch
    {
        "dotnet" => "Import Tracing.props in the project file, call builder.Services.AddTracing() in Program.cs, then: set -a; . ./otel.env; set +a; dotnet run",
        "nodejs" => "Merge package.otel.json into package.json, npm install, then: node --env-file=otel.env --require ./instrumentation.js app.js",
        "python" => "pip install -r requirements-otel.txt, then: set -a; . ./otel.env; set +a; opentelemetry-instrument python app.py",
        "java" => "Fetch opentelemetry-javaagent.jar, then: java -javaagent:opentelemetry-javaagent.jar -Dotel.javaagent.configuration-file=otel.properties -jar app.jar",
        _ => "go get what tracing.go names, call startTracing in main, then: set -a; . ./otel.env; set +a; go run .",
    };

    /// <summary>Each file's name and content.</summary>
    public IEnumerable<(string Name, string Content)> All()
    {
        foreach (string file in Files[Language])
        {
            yield return (file, Fill(Template(Language, file)));
        }

        if (Language != "java")
        {
            yield return ("otel.env", Fill(Template(Common, "otel.env")));
        }
    }

    private static string Template(string folder, string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Setup/{folder}/{file}")
            ?? throw new InvalidOperationException($"The tool lacks its template {folder}/{file}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private string Fill(string template)
    {
        foreach ((string hole, string text) in Texts())
        {
            template = template.Replace($"{{{{{hole}}}}}", text, StringComparison.Ordinal);
        }

        return template;
    }

    private (string Hole, string Text)[] Texts() =>
    [
        ("command", $"serverlesstrace setup-otel --language {Language} --exporter {Exporter.Name} --sampling-ratio {Number(Ratio)}"),
        ("service", Service),
        ("environment", Environment),
        ("ratio", Number(Ratio)),
        ("exporter", string.Join('\n', Settings().Select(setting => setting.Value is null ? $"# {setting.Name}" : $"{setting.Name}={setting.Value}"))),
        ("javaExporter", string.Join('\n', Settings().Select(setting => setting.Value is null
            ? $"# {setting.Name}" : $"{setting.Name.ToLowerInvariant().Replace('_', '.')}={setting.Value}"))),
        ("dotnetExporter", Exporter.IsOtlp ? "AddOtlpExporter" : Exporter.Name == ExporterChoice.Zipkin ? "AddZipkinExporter" : "AddConsoleExporter"),
        ("dotnetPackage", Exporter.IsOtlp ? "OpenTelemetry.Exporter.OpenTelemetryProtocol" : Exporter.Name == ExporterChoice.Zipkin ? "OpenTelemetry.Exporter.Zipkin" : "OpenTelemetry.Exporter.Console"),
        ("pythonExporter", Exporter.IsOtlp ? "opentelemetry-exporter-otlp-proto-http==1.45.2"
            : Exporter.Name == ExporterChoice.Zipkin ? "opentelemetry-exporter-zipkin-json==1.45.1" : "opentelemetry-sdk==1.45.2"),
        ("goPackages", $"go.opentelemetry.io/otel go.opentelemetry.io/otel/sdk {GoPackage}"),
        ("goImport", Exporter.Name == ExporterChoice.Zipkin ? $"\t\"os\"\n\n\t\"{GoPackage}\"" : $"\n\t\"{GoPackage}\""),
        ("goExporter", Exporter.IsOtlp ? "otlptracehttp.New(ctx)"
            : Exporter.Name == ExporterChoice.Zipkin ? "zipkin.New(os.Getenv(\"OTEL_EXPORTER_ZIPKIN_ENDPOINT\"))" : "stdouttrace.New()"),
    ];

    private string GoPackage => Exporter.IsOtlp ? "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
        : Exporter.Name == ExporterChoice.Zipkin ? "go.opentelemetry.io/otel/exporters/zipkin" : "go.opentelemetry.io/otel/exporters/stdout/stdouttrace";

    /// <summary>OpenTelemetry's variables for the exporter; a name without value is a remark.</summary>
    private IEnumerable<(string Name, string? Value)> Settings()
    {
        switch (Exporter.Name)
        {
            case ExporterChoice.Console:
                yield return ("OTEL_TRACES_EXPORTER", Language == "java" ? "logging-otlp" : "console");
                break;
            case ExporterChoice.Zipkin:
                yield return ("OTEL_TRACES_EXPORTER", Language == "python" ? "zipkin_json" : "zipkin");
                yield return ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", Exporter.Endpoint!.ToString());
                break;
            default:
                yield return ("OTEL_TRACES_EXPORTER", "otlp");
                yield return ("OTEL_EXPORTER_OTLP_ENDPOINT", Exporter.Endpoint!.ToString().TrimEnd('/'));
                yield return ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
                if (Exporter.Name == ExporterChoice.ServerlessTrace)
                {
                    yield return ("The function key is a secret: set OTEL_EXPORTER_OTLP_HEADERS=x-functions-key=KEY in the environment, not in a file.", null);
                }

                break;
        }
    }

    private static string Number(double ratio) => ratio.ToString(CultureInfo.InvariantCulture);
}
