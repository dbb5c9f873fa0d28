using Azure.Storage.Queues;
using ServerlessTrace.Instrumentation.Http;
using ServerlessTrace.Instrumentation.Sample;
using ServerlessTrace.Instrumentation.SpanLogs;
using ServerlessTrace.Instrumentation.SpanLogs.Sinks;

// Sample orders LOGS CONNECTION QUEUE PAYMENTS-URL | Sample payments LOGS CONNECTION QUEUE DATABASE
// It prints its address when it serves, and ends when its input does.
string service = args[0];
var queue = new QueueClient(args[2], args[3], new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
await queue.CreateIfNotExistsAsync();

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddTraceContext();
builder.Services.AddHttpClient<Orders>().AddHttpMessageHandler<TraceContextHandler>();
builder.Services.AddSingleton(queue);
builder.Services.AddSingleton(_ => new Payments(args[4]));

await using var spanLogs = new SpanLogPipeline(new RollingFileSink(new RollingFileSinkOptions { Folder = args[1], Name = service }));
using var listener = new SpanLogListener(spanLogs, new SpanLogFormat { Service = service, Environment = "test" }, sampler: null, Payments.SourceName);

await using WebApplication app = builder.Build();
app.UseTraceContext();
if (service == "orders")
{
    app.MapPost("/orders/{id}", (string id, Orders orders, CancellationToken cancel) => orders.PlaceAsync(new Uri(args[4]), id, cancel));
}
else
{
    app.MapPost("/payments/{order}", (string order, Payments payments) => payments.Charge(order));
    app.MapGet("/payments/{order}", (string order, Payments payments) => payments.StateOf(order));
}

await app.StartAsync();
using var stopping = new CancellationTokenSource();
Task shipping = service == "payments" ? app.Services.GetRequiredService<Payments>().ShipAllAsync(queue, stopping.Token) : Task.CompletedTask;
Console.WriteLine(app.Urls.First());
await Console.In.ReadToEndAsync();
await stopping.CancelAsync();
await shipping;
