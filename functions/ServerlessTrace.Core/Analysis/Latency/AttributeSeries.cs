namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>The part of a series that has a value of an attribute.</summary>
/// <param name="Series">The series.</param>
/// <param name="Name">The attribute, spelled as it was configured.</param>
/// <param name="Value">Its value.</param>
public readonly record struct AttributeSeries(LatencySeries Series, string Name, string Value);
