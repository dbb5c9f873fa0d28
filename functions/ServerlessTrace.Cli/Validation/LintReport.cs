using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Cli.Validation;

/// <summary>Findings as text for people, or JSON for pipelines.</summary>
internal static class LintReport
{
    /// <summary>Writes text.</summary>
    public static void WriteText(TextWriter output, FindingsBySender senders)
    {
        foreach (Findings sender in senders.All)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{PlainText.Line(sender.Sender)}: {sender.Records} record(s), {sender.Spans} span(s)"));
            foreach (Finding finding in sender.All)
            {
                string severity = finding.Rule.Severity == Severity.Error ? "error  " : "warning";
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {severity} {finding.Rule.Name}: {PlainText.Line(finding.Text)} ({finding.Count}×)"));
                output.WriteLine($"          at {PlainText.Line(finding.Example)}");
                output.WriteLine($"          fix: {finding.Rule.Fix}");
            }

            if (!sender.All.Any())
            {
                output.WriteLine("  fine");
            }
        }
    }

    /// <summary>Writes an array of senders.</summary>
    public static void WriteJson(Stream output, FindingsBySender senders)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (Findings sender in senders.All)
        {
            json.WriteStartObject();
            json.WriteString("service", sender.Sender);
            json.WriteNumber("records", sender.Records);
            json.WriteNumber("spans", sender.Spans);
            json.WriteStartArray("findings");
            foreach (Finding finding in sender.All)
            {
                json.WriteStartObject();
                json.WriteString("rule", finding.Rule.Name);
                json.WriteString("severity", finding.Rule.Severity == Severity.Error ? "error" : "warning");
                json.WriteString("text", finding.Text);
                json.WriteNumber("count", finding.Count);
                json.WriteString("example", finding.Example);
                json.WriteString("fix", finding.Rule.Fix);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
