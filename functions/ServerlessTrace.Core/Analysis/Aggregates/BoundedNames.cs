using System.Runtime.InteropServices;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>So many names of a group and no more: the first that come; the others are not told apart. Not thread-safe.</summary>
internal sealed class BoundedNames(int most)
{
    private readonly Dictionary<string, HashSet<string>> _known = new(StringComparer.Ordinal);

    /// <summary>A name that is one of the group's, or becomes one while there is room; else the one that stands for all others.</summary>
    public string Fit(string group, string name, string others)
    {
        ref HashSet<string>? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, group, out _);
        known ??= new HashSet<string>(StringComparer.Ordinal);
        return known.Contains(name) || (known.Count < most && known.Add(name)) ? name : others;
    }
}
