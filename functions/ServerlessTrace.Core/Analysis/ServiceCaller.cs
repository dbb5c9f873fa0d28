namespace ServerlessTrace.Core.Analysis;

/// <summary>Who calls a service.</summary>
/// <param name="Service">The calling service.</param>
/// <param name="IsAsynchronous">Whether it did not wait for an answer the first time: it sent a message, or the call follows from it.</param>
public sealed record ServiceCaller(string Service, bool IsAsynchronous);
