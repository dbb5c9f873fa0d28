namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>All that is known of a transaction: the traces that have one business value, as one story in time.</summary>
/// <param name="Key">The business key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Traces">The traces, the earliest first.</param>
/// <param name="OpenTracesCut">Whether traces that are not sealed may be missing, because too much is open to look through all of it.</param>
public sealed record BusinessStory(string Key, string Value, IReadOnlyList<StoryTrace> Traces, bool OpenTracesCut = false)
{
    /// <summary>Whether a key is among others, written in whichever way.</summary>
    public static bool IsKey(string key, IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(keys);
        return keys.Any(known => AttributeName.Plain(known) == AttributeName.Plain(key));
    }
}
