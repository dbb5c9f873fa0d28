using System.Globalization;

namespace ServerlessTrace.Core.Assembly.Repair;

/// <summary>Collects the warnings of a trace.</summary>
internal sealed class WarningList
{
    private readonly List<TraceWarning> _warnings = [];

    public IReadOnlyList<TraceWarning> All => _warnings;

    public void Add(string kind, string text) => _warnings.Add(new TraceWarning(kind, text));

    /// <summary>A warning about a number of things, unless that is zero; <c>{0}</c> stands for the number.</summary>
    public void AddCount(string kind, int count, string text)
    {
        if (count > 0)
        {
            Add(kind, string.Format(CultureInfo.InvariantCulture, text, count));
        }
    }
}
