using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessTrace.Functions.Worker.Tests.Host.Messages;

namespace ServerlessTrace.Functions.Worker.Tests.Host;

/// <summary>
/// As much of the Functions host as a worker needs to show that it works: starts it, asks which functions it has, has it load them, and
/// calls them. Triggers, scale and a durable task hub are the platform's.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly WebApplication _server;
    private readonly WorkerStream _stream;
    private readonly TaskHub _hub;
    private readonly Process _worker;
    private readonly HttpClient _http;
    private readonly string _address;

    private FunctionsHost(
        WebApplication server, WorkerStream stream, TaskHub hub, Process worker, string address, string workerAddress, IReadOnlyDictionary<string, RpcFunctionMetadata> functions)
    {
        _server = server;
        _stream = stream;
        _hub = hub;
        _worker = worker;
        _address = address;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { BaseAddress = new Uri(workerAddress), Timeout = Limit };
        Functions = functions;
    }

    /// <summary>The functions that the worker says it has, by name.</summary>
    public IReadOnlyDictionary<string, RpcFunctionMetadata> Functions { get; }

    /// <summary>The orchestrations that functions started.</summary>
    public IEnumerable<CreateInstanceRequest> Started => _hub.Started;

    /// <summary>What the worker logged.</summary>
    public IEnumerable<RpcLog> Logs => _stream.Logs;

    /// <summary>Starts a worker and this host for it.</summary>
    /// <param name="folder">The worker's build.</param>
    /// <param name="settings">Its app settings.</param>
    public static async Task<FunctionsHost> StartAsync(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var stream = new WorkerStream();
        var hub = new TaskHub();
        WebApplication server = await ServeAsync(stream, hub);
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Process worker = StartWorker(folder, address, settings);
        await stream.Started.WaitAsync(Limit);
        var init = new WorkerInitRequest { HostVersion = "4.1000.0", FunctionAppDirectory = folder };
        WorkerInitResponse ready = (await stream.AskAsync(new StreamingMessage { WorkerInitRequest = init }).WaitAsync(Limit)).WorkerInitResponse;
        Assert.Equal(StatusResult.Types.Status.Success, ready.Result.Status);
        FunctionMetadataResponse indexed = (await stream.AskAsync(
            new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = folder } }).WaitAsync(Limit)).FunctionMetadataResponse;
        foreach (RpcFunctionMetadata function in indexed.FunctionMetadataResults.Where(function => function.FunctionId.Length == 0))
        {
            function.FunctionId = function.Name;
        }

        return new FunctionsHost(
            server, stream, hub, worker, address, ready.Capabilities["HttpUri"], indexed.FunctionMetadataResults.ToDictionary(function => function.Name, StringComparer.Ordinal));
    }

    /// <summary>Has the worker load a function; returns why it could not, or null.</summary>
    public async Task<string?> LoadAsync(RpcFunctionMetadata function)
    {
        var request = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function };
        StatusResult result = (await _stream.AskAsync(new StreamingMessage { FunctionLoadRequest = request }).WaitAsync(Limit)).FunctionLoadResponse.Result;
        return result.Status == StatusResult.Types.Status.Success ? null : $"{function.Name}: {result.Exception?.Message}";
    }

    /// <summary>Calls a function with the value of its trigger; it must succeed. Returns its value; an empty one where it has none.</summary>
    public async Task<TypedData> InvokeAsync(string function, TypedData trigger) =>
        Value(await _stream.AskAsync(new StreamingMessage { InvocationRequest = Invocation(function, trigger) }).WaitAsync(Limit));

    /// <summary>Calls an HTTP function as the host does: by the stream, and by the request itself, which names the call.</summary>
    public async Task<(HttpStatusCode Status, string Body)> RequestAsync(string function, string path, params (string Name, string Value)[] routeValues)
    {
        InvocationRequest invocation = Invocation(function, new TypedData { Http = new RpcHttp { Method = "GET", Url = path } });
        foreach ((string name, string value) in routeValues)
        {
            invocation.TriggerMetadata[name] = new TypedData { String = value };
        }

        Task<StreamingMessage> called = _stream.AskAsync(new StreamingMessage { InvocationRequest = invocation });
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("x-ms-invocation-id", invocation.InvocationId);
        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Value(await called.WaitAsync(Limit));
        return (response.StatusCode, body);
    }

    /// <summary>Asks the worker to end; returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        _stream.Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate() });
        await _worker.WaitForExitAsync().WaitAsync(Limit);
        return _worker.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_worker.HasExited)
        {
            _worker.Kill(entireProcessTree: true);
            await _worker.WaitForExitAsync();
        }

        _worker.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task<WebApplication> ServeAsync(WorkerStream stream, TaskHub hub)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(stream);
        builder.Services.AddSingleton(hub);
        WebApplication server = builder.Build();
        server.MapGrpcService<WorkerStream>();
        server.MapGrpcService<TaskHub>();
        await server.StartAsync();
        return server;
    }

    private static Process StartWorker(string folder, string address, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(folder, "ServerlessTrace.Functions.dll"), "--functions-uri", address, "--functions-worker-id", "worker", "--functions-request-id", "start",
                "--functions-grpc-max-message-length", int.MaxValue.ToString(CultureInfo.InvariantCulture),
            ])
        {
            WorkingDirectory = folder,
            Environment = { ["FUNCTIONS_APPLICATION_DIRECTORY"] = folder },
        };
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Connects, patiently: a worker says that it is ready a little before it listens, and the platform's host tries again, too.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    private static TypedData Value(StreamingMessage answer)
    {
        InvocationResponse response = answer.InvocationResponse;
        Assert.True(response.Result.Status == StatusResult.Types.Status.Success, response.Result.Exception?.Message);
        return response.ReturnValue ?? new TypedData();
    }

    private InvocationRequest Invocation(string function, TypedData trigger)
    {
        RpcFunctionMetadata metadata = Functions[function];
        var invocation = new InvocationRequest { InvocationId = Guid.NewGuid().ToString(), FunctionId = metadata.FunctionId, TraceContext = new RpcTraceContext() };
        foreach (string binding in metadata.RawBindings)
        {
            using JsonDocument json = JsonDocument.Parse(binding);
            string type = json.RootElement.GetProperty("type").GetString()!;
            TypedData? value = type.EndsWith("Trigger", StringComparison.Ordinal) ? trigger : type == "durableClient" ? DurableClient() : null;
            if (value is not null)
            {
                invocation.InputData.Add(new ParameterBinding { Name = json.RootElement.GetProperty("name").GetString(), Data = value });
            }
        }

        return invocation;
    }

    /// <summary>Where the worker finds the task hub.</summary>
    private TypedData DurableClient() => new()
    {
        String = JsonSerializer.Serialize(new
        {
            rpcBaseUrl = _address,
            taskHubName = "ServerlessTrace",
            connectionName = "AzureWebJobsStorage",
            requiredQueryStringParameters = string.Empty,
            httpBaseUrl = _address,
            maxGrpcMessageSizeInBytes = 4_194_304,
            grpcHttpClientTimeout = "\"00:01:40\"",
        }),
    };
}
