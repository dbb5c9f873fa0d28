namespace ServerlessTrace.Cli.Setup;

/// <summary>Where spans go, in the settings of every language.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Endpoint">Its address; null for the console.</param>
internal sealed record ExporterChoice(string Name, Uri? Endpoint)
{
    public const string ServerlessTrace = "serverlesstrace";
    public const string Otlp = "otlp";
    public const string Jaeger = "jaeger";
    public const string Zipkin = "zipkin";
    public const string Console = "console";

    /// <summary>Whether it takes OTLP. Jaeger does since 1.35, and the exporters of its own are gone from the SDKs.</summary>
    public bool IsOtlp => Name is ServerlessTrace or Otlp or Jaeger;

    /// <summary>The names.</summary>
    public static string[] Names { get; } = [ServerlessTrace, Otlp, Jaeger, Zipkin, Console];

    /// <summary>A choice with its usual address, unless another is given.</summary>
    public static ExporterChoice Of(string name, string? url) => new(name, name == Console ? null : new Uri(url ?? name switch
    {
        ServerlessTrace => "http://localhost:7071",
        Zipkin => "http://localhost:9411/api/v2/spans",
        _ => "http://localhost:4318",
    }));
}
