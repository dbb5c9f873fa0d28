using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Rpc;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Rpc;

public sealed class GrpcContextTests
{
    private static readonly PropagationContext Context = Contexts.Of(state: "foo=1", baggage: [("correlation_id", "tx-1"), ("order_id", "7")]);

    [Fact]
    public void Metadata_carries_context_in_place_of_an_old_one()
    {
        var metadata = new Metadata { { "traceparent", "old" }, { "authorization", "kept" }, { "data-bin", [1] } };
        metadata.InjectContext(Context);

        PropagationContext read = metadata.ExtractContext();
        Assert.Equal((Context.Text(), "foo=1", "tx-1"), (read.Text(), read.ActivityContext.TraceState, read.Baggage.GetBaggage("correlation_id")));
        Assert.Equal(["authorization", "data-bin", "traceparent", "tracestate", "baggage", "x-correlation-id"], metadata.Select(entry => entry.Key));
        Assert.Equal("none", new Metadata { { "traceparent", Contexts.Parent }, { "traceparent", Contexts.Parent } }.ExtractContext().Text());
    }

    [Fact]
    public async Task A_real_call_carries_context_and_leaves_the_callers_metadata_alone()
    {
        using var spans = new Spans();
        await using WebApplication server = await StartAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Urls.First());
        CallInvoker invoker = channel.Intercept(new GrpcContextInterceptor());
        var own = new Metadata { { "tenant", "t1" } };

        string answer;
        using (WorkContext.Continue(Context, "ask"))
        {
            answer = await invoker.AsyncUnaryCall(EchoServiceBase.Method, null, new CallOptions(own), "hello").ResponseAsync;
        }

        Assert.Equal("hello of t1 in tx-1", answer);
        Assert.Equal(["tenant"], own.Select(entry => entry.Key));
        Activity asked = spans.Single("ask");
        Activity answered = spans.Single("answer");
        Assert.Equal((asked.TraceId, asked.SpanId), (answered.TraceId, answered.ParentSpanId));
    }

    private static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        WebApplication app = builder.Build();
        app.MapGrpcService<EchoService>();
        await app.StartAsync();
        return app;
    }

    /// <summary>A service as protoc's plugin would write it, by hand.</summary>
    [BindServiceMethod(typeof(EchoServiceBase), nameof(Bind))]
    public abstract class EchoServiceBase
    {
        private static readonly Marshaller<string> Texts = Marshallers.StringMarshaller;

        public static Method<string, string> Method { get; } = new(MethodType.Unary, "shop.Echo", "Say", Texts, Texts);

        public static void Bind(ServiceBinderBase binder, EchoServiceBase? service) =>
            binder.AddMethod(Method, service is null ? null : new UnaryServerMethod<string, string>(service.Say));

        public abstract Task<string> Say(string request, ServerCallContext context);
    }

    public sealed class EchoService : EchoServiceBase
    {
        public override Task<string> Say(string request, ServerCallContext context)
        {
            using ContinuedWork work = WorkContext.Continue(context.RequestHeaders.ExtractContext(), "answer", ActivityKind.Server);
            return Task.FromResult($"{request} of {context.RequestHeaders.GetValue("tenant")} in {work.Span!.GetTagItem("correlation_id")}");
        }
    }
}
