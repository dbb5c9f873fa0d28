using System.Text.RegularExpressions;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>Settings named between percent signs in a trigger's schedule, queue or path.</summary>
internal static partial class SettingReferences
{
    /// <exception cref="HostStartException">A setting is not set.</exception>
    public static string Resolve(string text, IConfiguration settings, HostedFunction function) =>
        Setting().Replace(text, match => settings[match.Groups[1].Value]
            ?? throw function.Wrong($"uses %{match.Groups[1].Value}%, and that setting is not set"));

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
