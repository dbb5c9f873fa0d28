namespace ServerlessTrace.AzureWorker.Tests.Build;

/// <summary>The packages that the deployed worker is built with.</summary>
internal static class OfficialPackages
{
    // Package not found, no fitting version of it, no answer from the registry.
    private static readonly string[] Missing = ["NU1101", "NU1102", "NU1301"];

    private static readonly Lazy<string?> Found = new(Restore);

    /// <summary>Why the worker cannot be built on this machine; null where it can.</summary>
    public static string? Absence => Found.Value;

    private static string? Restore()
    {
        (int exit, string output) = Dotnet.Run("restore", "--no-dependencies");
        string? missing = exit == 0 ? null : output.Split('\n').FirstOrDefault(line => Missing.Any(code => line.Contains(code, StringComparison.Ordinal)));
        return missing is null ? null : $"The official packages cannot be had here: {missing.Trim()} The GitHub workflow builds the worker.";
    }
}
