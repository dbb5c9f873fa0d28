namespace ServerlessTrace.Functions.Api.Jaeger;

/// <summary>Calls of one service, database or queue by another.</summary>
/// <param name="Parent">Who calls.</param>
/// <param name="Child">Who is called.</param>
/// <param name="CallCount">How often.</param>
internal sealed record JaegerDependency(string Parent, string Child, int CallCount);
