using ServerlessTrace.LocalHost;

namespace ServerlessTrace.Infra.Tests.Bicep;

/// <summary>The files that describe the deployment.</summary>
internal static class InfraFolder
{
    public static string Path { get; } = System.IO.Path.Combine(RepositoryRoot.Path, "infra");

    public static string Read(string file) => File.ReadAllText(System.IO.Path.Combine(Path, file));

    public static string ReadOfRepository(string file) => File.ReadAllText(System.IO.Path.Combine(RepositoryRoot.Path, file));
}
