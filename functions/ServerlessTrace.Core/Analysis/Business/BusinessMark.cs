using System.IO.Hashing;
using System.Text;

namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>
/// Stands for a business key with its value, such as <c>order_id=ord-789</c>, in three bytes: a hash, the same on every machine. Two values may
/// have the same one, so that whoever finds a trace by it looks at the trace itself.
/// </summary>
/// <param name="Hash">The hash, of 24 bits.</param>
public readonly record struct BusinessMark(int Hash)
{
    /// <summary>The bytes of a mark.</summary>
    public const int Size = 3;

    /// <summary>The mark of a value; case, <c>_</c>, <c>.</c> and <c>-</c> make no difference in the key.</summary>
    public static BusinessMark Of(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return new BusinessMark((int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{AttributeName.Plain(key)}={value}")) >> 40));
    }

    /// <summary>
    /// Whether traces are marked with the values of a key: those of configured keys, but for numbers of keys that are measured. Of a trace that has very
    /// many values the first of each key are marked.
    /// </summary>
    public static bool IsLookedFor(string key, string value, IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(key);
        return BusinessStory.IsKey(key, keys) && new BusinessFact(key, value, Spans.AttributeKind.String, 0).Number is null;
    }
}
