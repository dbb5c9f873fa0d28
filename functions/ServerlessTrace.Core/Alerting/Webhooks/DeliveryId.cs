using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// A delivery's id, which derives from subscription and notification: whoever hands a notification over again means the same delivery. It begins with
/// the notification's time, counted backwards, so that the newest comes first in a list; 128 bits of a SHA-256 follow.
/// </summary>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="Key">13 digits, a hyphen, 32 lower-case hex digits: the id in URLs.</param>
public readonly record struct DeliveryId(string SubscriptionId, string Key)
{
    private const long LastMs = 9_999_999_999_999;
    private const int TimeDigits = 13;
    private const int HashDigits = 32;

    /// <summary>The id of the message on the wire, the same at every attempt and replay.</summary>
    public string MessageId => "msg_" + Hash;

    /// <summary>What names the delivery's orchestration.</summary>
    public string Hash => Key[(TimeDigits + 1)..];

    /// <summary>The delivery of a notification to a subscription.</summary>
    public static DeliveryId Of(string subscriptionId, string notificationId, DateTimeOffset timestamp)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{subscriptionId}/{notificationId}"));
        return new DeliveryId(subscriptionId, $"{KeyPrefix(timestamp)}-{Convert.ToHexStringLower(hash.AsSpan(0, HashDigits / 2))}");
    }

    /// <summary>What the keys of a time's deliveries begin with: earlier times have higher ones.</summary>
    public static string KeyPrefix(DateTimeOffset timestamp) =>
        string.Create(CultureInfo.InvariantCulture, $"{LastMs - Math.Clamp(timestamp.ToUnixTimeMilliseconds(), 0, LastMs):D13}");

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsValidKey(string? key) =>
        key is { Length: TimeDigits + 1 + HashDigits } && key[TimeDigits] == '-'
        && key.AsSpan(0, TimeDigits).IndexOfAnyExceptInRange('0', '9') < 0
        && key.AsSpan(TimeDigits + 1).ToString().All(char.IsAsciiHexDigitLower);

    /// <inheritdoc/>
    public override string ToString() => $"{SubscriptionId}/{Key}";
}
