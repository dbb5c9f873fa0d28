using System.Text.Json;

namespace ServerlessTrace.Cli.Tests.RealInputs;

/// <summary>
/// Logs in shapes that people have reported in public, each with the right reading (<c>Cases/expected.json</c>), read by the command line's own classes.
/// </summary>
public sealed class RealInputTests
{
    /// <summary>Cases that do not hold yet. One that holds is taken off the list.</summary>
    private static readonly string[] Known =
    [
        "fluent-bit-cri-one-truncated",
        "fluent-bit-cri-2000-one-truncated",
        "zipkin-v1-binary-annotations",
        "zipkin-v1-annotations-only",
        "zipkin-shared-id-without-flag",
        "jaeger-client-and-server-one-id",
        "zipkin-root-with-zero-parent",
        "otlp-attribute-beyond-int64",
        "azure-monitor-unusable-durations",
        "python-console-exporter",
        "go-stdout-exporter",
        "dotnet-json-console-scopes",
        "google-cloud-structured-logs",
        "datadog-decimal-ids",
        "fluent-bit-date-and-log",
        "fluent-bit-array",
        "app-service-console-logs",
        "otlp-files-with-bom-joined",
        "app-insights-query-table",
        "app-insights-debug-lines",
        "log-lines-outside-a-span",
        "xray-segment-document",
        "xray-id-in-log-line",
        "validate-agrees-with-analyze",
    ];

    private static readonly Dictionary<string, JsonElement> Cases = JsonDocument.Parse(File.ReadAllBytes(RealCase.PathOf("expected.json"))).RootElement
        .EnumerateArray().ToDictionary(element => element.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_input_from_the_field_is_read_as_its_reporter_expects(string name)
    {
        string? problem = await new RealCase(Cases[name]).FindProblemAsync();
        if (Known.Contains(name))
        {
            Assert.True(problem is not null, $"{name} holds: take it off the list of known problems.");
            return;
        }

        Assert.True(problem is null, problem);
    }
}
