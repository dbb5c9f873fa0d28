namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>Services that sent spans in a range of time.</summary>
internal sealed record ServicesResponse(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ServiceResponse> Services);

/// <summary>A service: how many operations it has, and what its spans come to.</summary>
internal sealed record ServiceResponse(string Name, int Operations, LatencyNumbers Spans);

/// <summary>The operations of a service in a range of time.</summary>
internal sealed record OperationsResponse(DateTimeOffset From, DateTimeOffset To, string Service, IReadOnlyList<OperationResponse> Operations);

/// <summary>An operation: what its spans come to.</summary>
internal sealed record OperationResponse(string Name, LatencyNumbers Spans);
