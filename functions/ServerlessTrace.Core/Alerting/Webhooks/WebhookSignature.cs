using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// The signature of a message (Standard Webhooks 1.0): <c>v1,</c> and the base64 HMAC-SHA256 of <c>id.timestamp.body</c>, one for each
/// secret that is valid, separated by spaces, so that a receiver may change from one to the next when it likes.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header of the message's id, the same at every attempt to deliver it.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header of the time of the attempt, in seconds since 1970 UTC.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header of the signatures.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>How far a receiver's clock may be from the sender's: what is older may be a replay by somebody who listened.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Version = "v1,";

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    /// <param name="secrets">The secrets that are valid now.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="timestamp">The time of the attempt; seconds count.</param>
    /// <param name="body">The request's body as it is sent.</param>
    public static string Of(IEnumerable<WebhookSecret> secrets, string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        byte[] content = Content(id, timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), body);
        return string.Join(' ', secrets.Select(secret => Sign(secret, content)));
    }

    /// <summary>Whether a message was signed with a secret, within <see cref="Tolerance"/> of now. What a receiver does.</summary>
    /// <param name="secret">The receiver's secret.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="signatures">The value of <see cref="SignatureHeader"/>.</param>
    /// <param name="body">The request's body as it came.</param>
    /// <param name="now">The receiver's time.</param>
    public static bool Verify(WebhookSecret secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(signatures);
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || Math.Abs((double)now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
        {
            return false;
        }

        byte[] expected = Encoding.UTF8.GetBytes(Sign(secret, Content(id, timestamp, body)));
        bool isSigned = false;
        foreach (string signature in signatures.Split(' '))
        {
            isSigned |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
        }

        return isSigned;
    }

    private static byte[] Content(string id, string timestamp, ReadOnlySpan<byte> body) => [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];

    private static string Sign(WebhookSecret secret, byte[] content) => Version + Convert.ToBase64String(HMACSHA256.HashData(secret.Key, content));
}
