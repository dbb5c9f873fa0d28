namespace ServerlessTrace.Core.Analysis.Latency;

/// <summary>What an operation has of the critical paths of many traces.</summary>
/// <param name="Service">The service.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Nano">Its exclusive time, in ns, of all of them.</param>
/// <param name="Traces">How many of them it is on the critical path of.</param>
public sealed record ProfilePart(string Service, string Operation, long Nano, int Traces);
