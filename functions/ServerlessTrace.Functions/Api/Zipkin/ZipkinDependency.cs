namespace ServerlessTrace.Functions.Api.Zipkin;

/// <summary>A dependency link of Zipkin's API.</summary>
/// <param name="Parent">Who calls.</param>
/// <param name="Child">Who is called.</param>
/// <param name="CallCount">How often.</param>
/// <param name="ErrorCount">How often it failed.</param>
internal sealed record ZipkinDependency(string Parent, string Child, int CallCount, int ErrorCount);
