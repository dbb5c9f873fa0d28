namespace ServerlessTrace.Infra.Tests.Bicep;

/// <summary>A test that compiles Bicep; where the compiler cannot run it is skipped, and says why.</summary>
internal sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute() => Skip = BicepCompiler.Absence;
}
