namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>One end of a call: <c>{"serviceName", "ipv4", "ipv6", "port"}</c>, any of which may be missing.</summary>
/// <param name="Service">The number of the service's name; 0 where unknown.</param>
/// <param name="Address">The number of the IP address, the fourth version's if there are both; 0 where unknown.</param>
/// <param name="Port">The port; 0 where unknown.</param>
internal readonly record struct ZipkinEndpoint(int Service, int Address, int Port);
