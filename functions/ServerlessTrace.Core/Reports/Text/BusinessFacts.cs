using System.Globalization;
using ServerlessTrace.Core.Analysis;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What the trace was about and how that ended.</summary>
internal static class BusinessFacts
{
    public static void Write(Page page)
    {
        page.Section("Business Context");
        foreach (BusinessFact fact in page.Analysis.Business)
        {
            string others = fact.OtherValues == 0
                ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $" (and {fact.OtherValues} other {(fact.OtherValues == 1 ? "value" : "values")})");
            page.Entry(Label(fact.Key), PlainText.Line(fact.Value, 200) + page.Paint(Ink.Faint, others));
        }

        page.Entry("Outcome", Outcome(page));
    }

    /// <summary><c>order_id</c> as <c>Order ID</c>.</summary>
    public static string Label(string key)
    {
        string[] words = PlainText.Line(key, 60).Split('_', '.', '-', ' ');
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = words[i] is "id" ? "ID" : i == 0 && words[i].Length > 0 ? char.ToUpperInvariant(words[i][0]) + words[i][1..] : words[i];
        }

        return string.Join(' ', words);
    }

    public static string Outcome(Page page)
    {
        TraceOutcome outcome = TraceOutcome.Of(page.Analysis);
        string reason = outcome.Reason is { } why ? PlainText.Line(why, 200) : string.Empty;
        return outcome.Result switch
        {
            "failed" => page.Paint(Ink.Bad, $"Failed ({reason})"),
            "completed" => page.Paint(Ink.Good, "Completed"),
            "completed-with-failures" => page.Paint(Ink.Advice, $"Completed, with failures on the way ({reason})"),
            "completed-with-open-work" => page.Paint(Ink.Advice, "Completed, with work still open"),
            "not-finished" => page.Paint(Ink.Advice, "Not finished"),
            _ => page.Paint(Ink.Advice, "Unknown"),
        };
    }
}
