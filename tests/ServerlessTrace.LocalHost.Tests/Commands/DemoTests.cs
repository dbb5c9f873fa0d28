using System.Text.Json.Nodes;

namespace ServerlessTrace.LocalHost.Tests.Commands;

public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_demo_shows_a_report_and_a_signed_alert_and_ends_each_time_it_is_run()
    {
        for (int run = 0; run < 2; run++)
        {
            await using var demo = new LocalHostProcess("demo", "--exit", "--data", _folder, "--port", "0", "--storage-port", "0");
            await demo.WaitForExitAsync();

            string output = string.Join('\n', demo.Output);
            Assert.True(demo.ExitCode == 0, output + string.Join('\n', demo.Errors));
            Assert.Contains("0af7651916cd43dd8448eb211c80319c", output, StringComparison.Ordinal);
            Assert.Contains("arrived by webhook. Its signature is right", output, StringComparison.Ordinal);
            string shown = output[output.IndexOf("\n{", StringComparison.Ordinal)..(output.LastIndexOf("\n}", StringComparison.Ordinal) + 2)];
            JsonNode webhook = JsonNode.Parse(shown)!;
            Assert.Equal("alert.firing", (string)webhook["type"]!);
            Assert.Equal(2_400, (double)webhook["data"]!["observed"]!);
            Assert.StartsWith("http://127.0.0.1:", (string)webhook["data"]!["traces"]![0]!["reportUrl"]!, StringComparison.Ordinal);
        }
    }
}
