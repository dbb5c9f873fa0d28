using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServerlessTrace.Core.Alerting.Rules;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Alerting.State;

/// <summary>Ids of alerts and of what is told of them: the same for whoever comes to the same result.</summary>
public static class AlertIds
{
    /// <summary>The alert of a rule's group that began at a window's end.</summary>
    public static string OfGroup(string rule, GroupKey group, DateTimeOffset began)
    {
        ArgumentNullException.ThrowIfNull(group);
        return Hash(rule, group.Hash, began.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The alert of a trace rule on a trace.</summary>
    public static string OfTrace(string rule, TraceId trace) => Hash(rule, trace.ToString());

    /// <summary>The alert that tells of all traces of a service that a trace rule matched in an interval and did not tell of one by one.</summary>
    public static string OfRest(string rule, string? service, DateTimeOffset from) =>
        Hash(rule, "rest", from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), service ?? string.Empty);

    /// <summary>The notification that an alert fires.</summary>
    /// <param name="alert">The alert's id.</param>
    /// <param name="number">How often it was told of, this time included.</param>
    public static string Firing(string alert, int number) => string.Create(CultureInfo.InvariantCulture, $"{alert}-firing-{number}");

    /// <summary>The notification that an alert is resolved.</summary>
    public static string Resolved(string alert) => alert + "-resolved";

    private static string Hash(params string[] parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 10));
}
