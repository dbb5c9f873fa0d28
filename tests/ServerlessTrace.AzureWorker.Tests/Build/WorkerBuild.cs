using ServerlessTrace.LocalHost;

namespace ServerlessTrace.AzureWorker.Tests.Build;

/// <summary>The worker, built with the official packages.</summary>
internal static class WorkerBuild
{
    private static readonly Lazy<string> Built = new(Run);

    /// <summary>Where the build is: what <c>azd</c> would put into the package, apart from compiling ahead.</summary>
    public static string Folder => Built.Value;

    private static string Run()
    {
        (int exit, string output) = Dotnet.Run("build", "--no-restore", "--configuration", "Debug", "-p:BuildProjectReferences=false", "--verbosity", "quiet");
        Assert.True(exit == 0, output);
        return Path.Combine(RepositoryRoot.Path, "functions/ServerlessTrace.AzureWorker/bin/Debug/net10.0");
    }
}
