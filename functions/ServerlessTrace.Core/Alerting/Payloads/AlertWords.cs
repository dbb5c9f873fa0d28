using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Core.Alerting.Payloads;

/// <summary>The words that formats share. All texts are one line, without control characters and of bounded length.</summary>
internal static class AlertWords
{
    private const int LongestSummary = 1_000;
    private const int LongestName = 200;
    private const double NanosPerMs = 1e6;

    public static string Summary(AlertReport alert) => PlainText.Line(alert.Summary, LongestSummary);

    public static string Name(string name) => PlainText.Line(name, LongestName);

    public static string? NameOrNull(string? name) => name is null ? null : Name(name);

    public static string Type(NotificationType type) => type == NotificationType.Resolved ? "alert.resolved" : "alert.firing";

    public static string Severity(AlertSeverity severity) => severity switch
    {
        AlertSeverity.Critical => "critical",
        AlertSeverity.Warning => "warning",
        _ => "info",
    };

    /// <summary>A heading such as <c>Firing: slow-checkout (critical)</c>.</summary>
    public static string Title(AlertNotification notification) =>
        $"{(notification.Type == NotificationType.Resolved ? "Resolved" : "Firing")}: {Name(notification.Alert.Rule)} ({Severity(notification.Alert.Severity)})";

    /// <summary>What was measured, such as <c>412 ms (threshold 300 ms)</c>.</summary>
    public static string Measured(AlertReport alert) => $"{Quantity(alert.Observed, alert.Unit)} (threshold {Quantity(alert.Threshold, alert.Unit)})";

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Duration(AlertTrace trace) => DurationText.Of((long)Math.Clamp(trace.DurationMs * NanosPerMs, 0, long.MaxValue / 2));

    /// <summary>What an alert is about, as names and values.</summary>
    public static List<(string Name, string Value)> Facts(AlertReport alert)
    {
        var facts = new List<(string Name, string Value)>();
        Add("Service", alert.Service);
        Add("Operation", alert.Operation);
        Add("Environment", alert.Environment);
        foreach ((string name, string value) in alert.Attributes)
        {
            Add(name, value);
        }

        Add("Measured", Measured(alert));
        Add("Window", $"{Time(alert.Window.From)} – {Time(alert.Window.To)}");
        return facts;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                facts.Add((Name(name), Name(value)));
            }
        }
    }

    /// <summary>A number, or null where it is none: JSON has no infinity.</summary>
    public static void Number(Utf8JsonWriter writer, ReadOnlySpan<byte> property, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(property, value);
        }
        else
        {
            writer.WriteNull(property);
        }
    }

    private static string Quantity(double value, string unit)
    {
        string number = value.ToString("#,0.###", CultureInfo.InvariantCulture);
        return unit switch { "1" => number, "%" or "x" => number + unit, _ => $"{number} {Name(unit)}" };
    }
}
