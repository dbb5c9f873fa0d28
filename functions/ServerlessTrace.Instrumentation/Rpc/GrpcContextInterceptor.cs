using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ServerlessTrace.Instrumentation.Rpc;

/// <summary>Gives every call of a gRPC client the current context: <c>channel.Intercept(new GrpcContextInterceptor())</c>.</summary>
public sealed class GrpcContextInterceptor : Interceptor
{
    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        Continued(continuation)(request, WithContext(context));

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        Continued(continuation)(request, WithContext(context));

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        Continued(continuation)(request, WithContext(context));

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        Continued(continuation)(WithContext(context));

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
        Continued(continuation)(WithContext(context));

    private static T Continued<T>(T? continuation)
        where T : Delegate => continuation ?? throw new ArgumentNullException(nameof(continuation));

    /// <summary>The caller's metadata is copied: it may be shared by calls.</summary>
    private static ClientInterceptorContext<TRequest, TResponse> WithContext<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        var headers = new Metadata();
        foreach (Metadata.Entry entry in context.Options.Headers ?? [])
        {
            headers.Add(entry);
        }

        headers.InjectContext();
        return new(context.Method, context.Host, context.Options.WithHeaders(headers));
    }
}
