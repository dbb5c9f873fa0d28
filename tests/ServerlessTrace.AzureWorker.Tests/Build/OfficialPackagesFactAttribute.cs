namespace ServerlessTrace.AzureWorker.Tests.Build;

/// <summary>A test of the deployed worker; where its packages cannot be had it is skipped, and says why.</summary>
internal sealed class OfficialPackagesFactAttribute : FactAttribute
{
    public OfficialPackagesFactAttribute() => Skip = OfficialPackages.Absence;
}
