namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>Of what durations are collected.</summary>
/// <param name="Service">The service; empty where spans name none.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Environment">The deployment environment of the trace; empty where unknown.</param>
/// <param name="Step">Whether of whole traces or of spans.</param>
public readonly record struct LatencySeries(string Service, string Operation, string Environment, LatencyStep Step);
