using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// The key that a webhook's messages are signed with (Standard Webhooks 1.0, "Signature scheme"): 24 to 64 bytes, written as
/// <c>whsec_</c> and base64. It tells its text only to who asks for it by <see cref="Reveal"/>, so that it gets into no log.
/// </summary>
public sealed class WebhookSecret
{
    /// <summary>The fewest bytes that the specification allows.</summary>
    public const int ShortestBytes = 24;

    /// <summary>The most bytes that the specification allows.</summary>
    public const int LongestBytes = 64;

    private const string Prefix = "whsec_";
    private const int GeneratedBytes = 32;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>The key itself.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>A new, random secret of 256 bits.</summary>
    public static WebhookSecret Generate() => new(RandomNumberGenerator.GetBytes(GeneratedBytes));

    /// <summary>The secret of a text as <see cref="Reveal"/> gives it; false for anything else, and for keys of a length that is not allowed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebhookSecret? secret)
    {
        secret = null;
        if (text is null || text.Length > Prefix.Length + (LongestBytes * 2) || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> key = stackalloc byte[LongestBytes * 2];
        if (Convert.TryFromBase64Chars(text.AsSpan(Prefix.Length), key, out int length) && length is >= ShortestBytes and <= LongestBytes)
        {
            secret = new WebhookSecret(key[..length].ToArray());
        }

        return secret is not null;
    }

    /// <summary>The secret as a receiver configures it.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>Nothing of the secret.</summary>
    public override string ToString() => Prefix + "…";
}
