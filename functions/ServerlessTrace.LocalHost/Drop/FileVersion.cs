namespace ServerlessTrace.LocalHost.Drop;

/// <summary>What tells one state of a file from another.</summary>
internal readonly record struct FileVersion(long Length, DateTime WrittenAt);
