using ServerlessTrace.Core.Privacy;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>An erasure that is not done yet. What it erases is known in the clear as long as this is stored.</summary>
/// <param name="Record">The record as it began.</param>
/// <param name="Target">What is to be erased.</param>
public sealed record ErasureWork(ErasureRecord Record, ErasureTarget Target);
