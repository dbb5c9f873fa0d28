using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Storage.Keys;

/// <summary>
/// The identity of what came in, the same at every redelivery: 128 bits of a SHA-256, so that no sender can choose a name
/// that overwrites another's rows.
/// </summary>
/// <param name="Hex">32 lower-case hex digits, safe in any key or URL.</param>
public readonly record struct SourceId(string Hex)
{
    /// <summary>A blob as a whole: a blob that is replaced gets another ETag and is another source.</summary>
    public static SourceId OfBlob(string container, string name, string eTag) => Hash("blob", container, name, eTag);

    /// <summary>A part of a blob that is read in parts, which was settled before it was read.</summary>
    /// <param name="container">The blob's container.</param>
    /// <param name="name">The blob's name.</param>
    /// <param name="version">What tells it from one that replaced it.</param>
    /// <param name="from">The part's first byte.</param>
    /// <param name="end">Where the part, or what may be read after it, ends.</param>
    public static SourceId OfBlobPart(string container, string name, string version, long from, long end) => Hash(
        "part", container, name, version, from.ToString(CultureInfo.InvariantCulture), end.ToString(CultureInfo.InvariantCulture));

    /// <summary>A blob in whatever version: no source, but a key for what is known of it.</summary>
    public static SourceId OfBlobName(string container, string name) => Hash("name", container, name);

    /// <summary>A queue message.</summary>
    public static SourceId OfMessage(string queue, string messageId) => Hash("message", queue, messageId);

    /// <summary>A group of posts, by its unique id.</summary>
    public static SourceId OfPosts(string group) => Hash("posts", group);

    /// <summary>A part of such a group that has a receipt of its own.</summary>
    public static SourceId OfPosts(string group, string part, int number) => Hash("posts", group, part, number.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => Hex;

    private static SourceId Hash(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (string part in parts)
        {
            // The length in front keeps ("a", "bc") and ("ab", "c") apart.
            text.Append(part.Length).Append(':').Append(part);
        }

        return new SourceId(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16)));
    }
}
