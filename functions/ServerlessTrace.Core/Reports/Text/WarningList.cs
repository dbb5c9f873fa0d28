using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Reports.Text;

/// <summary>What a reader should know before trusting the report.</summary>
internal static class WarningList
{
    public static void Write(Page page)
    {
        if (page.Analysis.Warnings.Count == 0)
        {
            return;
        }

        page.Section("Warnings");
        foreach (TraceWarning warning in page.Analysis.Warnings)
        {
            page.Entry(warning.Kind, PlainText.Line(warning.Text, 500));
        }
    }
}
