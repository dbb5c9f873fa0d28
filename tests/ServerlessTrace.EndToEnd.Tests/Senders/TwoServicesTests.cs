using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using ServerlessTrace.EndToEnd.Tests.Support;
using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.EndToEnd.Tests.Senders;

/// <summary>Two services that use the library for senders, as processes: their dropped logs make one trace.</summary>
public sealed class TwoServicesTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverlesstrace-senders-").FullName;

    private RunningService Service => fixture.Service;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_order_over_http_queue_and_database_is_exactly_one_trace()
    {
        string queue = AzuriteFixture.NewName("orders");
        string order = $"ord-{Guid.NewGuid():n}";
        string database = Path.Join(_folder, "payments.db");
        await using (SampleService payments = await SampleService.StartAsync("payments", LogsOf("payments"), Service.ConnectionString, queue, database))
        await using (SampleService orders = await SampleService.StartAsync("orders", LogsOf("orders"), Service.ConnectionString, queue, payments.Address.ToString()))
        {
            using var client = new HttpClient();
            client.DefaultRequestHeaders.Add("X-Correlation-Id", "tx-123456");
            using HttpResponseMessage placed = await client.PostAsync(new Uri(orders.Address, $"orders/{order}"), null);
            Assert.Equal(("Accepted", "tx-123456"), (placed.StatusCode.ToString(), placed.Headers.GetValues("X-Correlation-Id").Single()));
            await Eventually.GetAsync(
                () => client.GetStringAsync(new Uri(payments.Address, $"payments/{order}")), state => state == "shipped", "The order's shipping");
        }

        // The command line finds nothing wrong with what the library writes.
        await Tool.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "serverlesstrace.dll"), "validate", LogsOf("orders"), LogsOf("payments")], _folder);
        foreach (string log in Directory.GetFiles(_folder, "*.ndjson", SearchOption.AllDirectories))
        {
            await Service.DropAsync(Path.GetFileName(log), await BinaryData.FromStreamAsync(File.OpenRead(log)));
        }

        (string traceId, string spanId, string correlation) = Audit(database);
        JsonObject trace = await Service.TraceAsync(traceId, seen => RunningService.IsSealed(seen) && (int)seen["spanCount"]! == 7);
        Assert.Equal(
            [
                "orders CLIENT POST", "orders PRODUCER send " + queue, "orders SERVER POST /orders/{id}",
                "payments CLIENT INSERT payments", "payments CLIENT UPDATE payments", "payments CONSUMER process " + queue, "payments SERVER POST /payments/{order}",
            ],
            trace["spans"]!.AsArray().Select(span => $"{span!["service"]} {span["kind"]} {span["name"]}").Order(StringComparer.Ordinal));
        Assert.Equal(("OK", order, "tx-123456"), ((string)trace["status"]!, (string)trace["business"]!["order_id"]!, (string)trace["business"]!["correlation_id"]!));
        Assert.Empty(trace["warnings"]!.AsArray());
        Assert.Single(trace["spans"]!.AsArray(), span => span!["parentSpanId"] is null);
        JsonNode insert = Assert.Single(trace["spans"]!.AsArray(), span => (string)span!["name"]! == "INSERT payments")!;
        Assert.Equal(((string)insert["spanId"]!, "tx-123456"), (spanId, correlation));

        // The state was looked at from outside, in traces of their own; of the order there is one.
        List<JsonObject> found = await Eventually.GetAsync(() => Service.TracesAsync("limit=500&service=orders"), static traces => traces.Count > 0, "The trace in the search");
        Assert.Equal([traceId], found.Select(summary => (string)summary["traceId"]!));
    }

    private string LogsOf(string service) => Path.Join(_folder, service);

    private static (string Trace, string Span, string Correlation) Audit(string database)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand query = connection.CreateCommand();
        query.CommandText = "SELECT trace_id, span_id, correlation_id FROM payments";
        using SqliteDataReader row = query.ExecuteReader();
        Assert.True(row.Read());
        return (row.GetString(0), row.GetString(1), row.GetString(2));
    }

    /// <summary>A service of the sample, in a process of its own.</summary>
    private sealed class SampleService(Process process, Uri address) : IAsyncDisposable
    {
        public Uri Address => address;

        public static async Task<SampleService> StartAsync(params string[] arguments)
        {
            string program = Path.Combine(AppContext.BaseDirectory, "ServerlessTrace.Instrumentation.Sample.dll");
            Process process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            string? address = await process.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Deadline);
            Assert.NotNull(address);
            return new SampleService(process, new Uri(address));
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(Eventually.Deadline);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                throw;
            }
            finally
            {
                process.Dispose();
            }
        }
    }
}
