namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>The core annotations of version 1 (openzipkin/zipkin-api, <c>thrift/zipkinCore.thrift</c>).</summary>
internal enum ZipkinCore : byte
{
    None = 0,
    ClientSent,
    ClientReceived,
    ServerReceived,
    ServerSent,
    MessageSent,
    MessageReceived,
}
