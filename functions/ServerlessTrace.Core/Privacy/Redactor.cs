using System.Text;
using ServerlessTrace.Core.Formats;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Takes out of what came in what is not to be stored. What an attribute's name means is decided once a batch and name, and a text is looked
/// through once a batch, however often it occurs. The same input and options always give the same output. Thread-safe.
/// </summary>
public sealed class Redactor
{
    /// <summary>What takes the place of masked values.</summary>
    public const string Mask = "[redacted]";

    private readonly AttributeNames _names;
    private readonly TextRedaction _texts;

    /// <summary>A redactor by options, which have been validated.</summary>
    public Redactor(RedactionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IsEnabled = options.Enabled && (options.WellKnown || options.Rules.Count > 0);
        _names = new AttributeNames(options);
        _texts = new TextRedaction(options, new KeyedHash(options.HashKey));
    }

    /// <summary>Whether anything is redacted.</summary>
    public bool IsEnabled { get; }

    internal static ReadOnlySpan<byte> MaskBytes => "[redacted]"u8;

    /// <summary>Redacts batches; one at a time.</summary>
    public BatchRedaction Begin() => new(_names, _texts, IsEnabled);

    /// <summary>A text without secrets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isCut">Whether it is the beginning of a longer text, which may have been cut inside a secret.</param>
    public string Redact(string text, bool isCut = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsEnabled && text.Length > 0 ? Encoding.UTF8.GetString(_texts.Rewrite(Encoding.UTF8.GetBytes(text), isCut)) : text;
    }

    /// <summary>Text in UTF-8 without secrets.</summary>
    public byte[] Redact(ReadOnlySpan<byte> utf8) => IsEnabled ? _texts.Rewrite(utf8, isCut: false) : utf8.ToArray();

    /// <summary>A rejection whose reason and excerpt show no secrets. An excerpt may end inside of one.</summary>
    public Rejection Redact(Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        return IsEnabled ? rejection with { Reason = Redact(rejection.Reason), Excerpt = Redact(rejection.Excerpt, isCut: true) } : rejection;
    }
}
