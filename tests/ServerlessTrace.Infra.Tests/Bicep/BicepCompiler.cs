using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ServerlessTrace.Infra.Tests.Bicep;

/// <summary>Runs the compiler that the package brings.</summary>
internal static class BicepCompiler
{
    private static readonly Lazy<JsonElement> MainTemplate = new(() => Compile("main.bicep"));

    /// <summary>Why the compiler cannot run on this machine; null where it can.</summary>
    public static string? Absence =>
        OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            ? null
            : $"The Bicep compiler is had as a package for Linux on x64; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.OSArchitecture}. CI runs these tests.";

    /// <summary>The compiled <c>main.bicep</c>.</summary>
    public static JsonElement Main => MainTemplate.Value;

    /// <summary>Compiles a file of <c>infra</c>.</summary>
    public static JsonElement Compile(string file)
    {
        (int exit, string output, string messages) = Run("build", file, "--stdout");
        Assert.True(exit == 0 && messages.Length == 0, messages);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>What the linter says of a file of <c>infra</c>; empty where it is content.</summary>
    public static string Lint(string file)
    {
        (int exit, string output, string messages) = Run("lint", file);
        return exit == 0 ? (output + messages).Trim() : $"exit {exit}: {output}{messages}";
    }

    private static (int Exit, string Output, string Messages) Run(string verb, string file, params string[] options)
    {
        string bicep = typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "BicepPath").Value!;
        Assert.True(File.Exists(bicep), $"{bicep} is missing: restore this project.");
        var start = new ProcessStartInfo(bicep, [verb, Path.Combine(InfraFolder.Path, file), .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        };
        using Process process = Process.Start(start)!;
        Task<string> messages = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, messages.Result);
    }
}
