namespace ServerlessTrace.TestSupport.Faults;

/// <summary>Stands for the end of the process: nothing handles it, and no further request is sent.</summary>
public sealed class ProcessDiedException() : Exception("The process died.");
