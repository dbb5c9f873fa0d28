using System.Buffers;
using System.Globalization;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// The name of a group of posted bodies: of its blob, and in the message that points to it. It is unique, so it is the
/// identity of the group as a source, and it says when the group was begun.
/// </summary>
/// <param name="BegunAt">When the group was begun.</param>
/// <param name="Id">32 lower-case hex digits.</param>
public readonly record struct PostedName(DateTimeOffset BegunAt, string Id)
{
    private const int TimeDigits = 13;
    private const int IdDigits = 32;
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>A new name.</summary>
    public static PostedName New(DateTimeOffset now) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), Guid.NewGuid().ToString("n"));

    /// <summary>The source that the group is.</summary>
    public SourceId Source => SourceId.OfPosted(ToString());

    /// <summary>The receipt of what was posted to one of the ways in that give none of their own.</summary>
    public ReceiptId ReceiptOf(PostedKind kind) => new(BegunAt, SourceId.OfPosted(ToString(), "kind", (int)kind));

    /// <summary>The receipt of one body.</summary>
    public ReceiptId ReceiptOf(int body) => new(BegunAt, SourceId.OfPosted(ToString(), "body", body));

    /// <summary>The name of a text; false for anything else.</summary>
    public static bool TryParse(string text, out PostedName name)
    {
        name = default;
        if (text is not { Length: TimeDigits + 1 + IdDigits }
            || text[TimeDigits] != '-'
            || text.AsSpan(TimeDigits + 1).ContainsAnyExcept(LowerHex)
            || !long.TryParse(text.AsSpan(0, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture, out long ms))
        {
            return false;
        }

        name = new PostedName(DateTimeOffset.FromUnixTimeMilliseconds(ms), text[(TimeDigits + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BegunAt.ToUnixTimeMilliseconds():D13}-{Id}");
}
