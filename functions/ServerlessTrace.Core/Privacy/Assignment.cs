using System.Buffers;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// A secret that is told by the name in front of it: <c>password=…</c>, <c>"api_key": "…"</c>, <c>Authorization: …</c>,
/// <c>?code=…</c>, <c>AccountKey=…;</c>; and the password in <c>scheme://user:password@host</c>.
/// </summary>
internal static class Assignment
{
    private const int LongestName = 96;
    private const int LongestAuthority = 1_024;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."u8);
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create(" \t\r\n&;,\"'`<>(){}[]|\\"u8);
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n\"'`\\"u8);
    private static readonly SearchValues<byte> AuthorityEnds = SearchValues.Create("/?# \t\r\n\"'<>\\"u8);

    /// <summary>Whether a sign at a place assigns a secret, and which.</summary>
    public static bool TryFind(ReadOnlySpan<byte> text, int sign, out Secret secret)
    {
        if (text[sign] == ':' && text[(sign + 1)..].StartsWith("//"u8))
        {
            return TryFindUserInfo(text, sign + 3, out secret);
        }

        secret = default;
        ReadOnlySpan<byte> name = NameBefore(text, sign, out SecretForm quotes);
        bool isCode = IsFunctionKey(text, sign, name);
        if (!isCode && (!WellKnownNames.Secrets.MayEndIn(name) || !WellKnownNames.Secrets.IsNamed(name) || WellKnownNames.Harmless.IsNamed(name)))
        {
            return false;
        }

        secret = ValueBehind(text, sign + 1, quotes, WellKnownNames.Headers.IsNamed(name));
        return secret.End > secret.Start && !IsNoSecret(text[secret.Start..secret.End]);
    }

    private static ReadOnlySpan<byte> NameBefore(ReadOnlySpan<byte> text, int sign, out SecretForm quotes)
    {
        int end = sign;
        while (end > 0 && text[end - 1] == ' ')
        {
            end--;
        }

        quotes = SecretForm.Plain;
        if (end > 0 && text[end - 1] is (byte)'"' or (byte)'\'')
        {
            end--;
            quotes = end > 0 && text[end - 1] == '\\' ? SecretForm.EscapedQuoted : SecretForm.Quoted;
            end -= quotes == SecretForm.EscapedQuoted ? 1 : 0;
        }

        ReadOnlySpan<byte> before = text[Math.Max(0, end - LongestName)..end];
        return before[(before.LastIndexOfAnyExcept(NameBytes) + 1)..];
    }

    /// <summary>A key of Azure Functions in a URL; elsewhere a code is a number of something.</summary>
    private static bool IsFunctionKey(ReadOnlySpan<byte> text, int sign, ReadOnlySpan<byte> name) =>
        name.SequenceEqual("code"u8) && text[sign] == '=' && sign >= 5 && text[sign - 5] is (byte)'?' or (byte)'&';

    private static Secret ValueBehind(ReadOnlySpan<byte> text, int at, SecretForm quotes, bool isHeader)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'=' or (byte)'>')
        {
            at++;
        }

        bool isEscaped = at + 1 < text.Length && text[at] == '\\' && text[at + 1] is (byte)'"' or (byte)'\'';
        at += isEscaped ? 1 : 0;
        if (at >= text.Length)
        {
            return new Secret(at, at);
        }

        if (text[at] is (byte)'"' or (byte)'\'')
        {
            return new Secret(at + 1, EndOfQuoted(text, at, isEscaped));
        }

        if (quotes != SecretForm.Plain && text[at] is (byte)'{' or (byte)'[')
        {
            return new Secret(at, EndOfNested(text, at), quotes);
        }

        int length = text[at..].IndexOfAny(isHeader ? LineEnds : ValueEnds);
        return new Secret(at, length < 0 ? text.Length : at + length, quotes);
    }

    private static int EndOfQuoted(ReadOnlySpan<byte> text, int quote, bool isEscaped)
    {
        for (int at = quote + 1; at < text.Length; at++)
        {
            if (text[at] == text[quote])
            {
                return at;
            }

            if (text[at] == '\\')
            {
                if (isEscaped && at + 1 < text.Length && text[at + 1] == text[quote])
                {
                    return at;
                }

                at += isEscaped ? 0 : 1;
            }
        }

        return text.Length;
    }

    /// <summary>The end of an object or array, quotes considered.</summary>
    private static int EndOfNested(ReadOnlySpan<byte> text, int start)
    {
        int depth = 0;
        bool quoted = false;
        for (int at = start; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'\\':
                    at += quoted ? 1 : 0;
                    break;
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'{' or (byte)'[' when !quoted:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when !quoted && --depth == 0:
                    return at + 1;
            }
        }

        return text.Length;
    }

    private static bool TryFindUserInfo(ReadOnlySpan<byte> text, int start, out Secret secret)
    {
        secret = default;
        ReadOnlySpan<byte> authority = text[start..Math.Min(text.Length, start + LongestAuthority)];
        int end = authority.IndexOfAny(AuthorityEnds);
        authority = end < 0 ? authority : authority[..end];
        int at = authority.LastIndexOf((byte)'@');
        int colon = at < 0 ? -1 : authority[..at].IndexOf((byte)':');
        if (colon < 0 || at - colon < 2)
        {
            return false;
        }

        secret = new Secret(start + colon + 1, start + at);
        return !IsNoSecret(text[secret.Start..secret.End]);
    }

    /// <summary>Whether a value says only that there is none, or stands for one that is given elsewhere, or is redacted already.</summary>
    private static bool IsNoSecret(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("null"u8) || value.SequenceEqual("true"u8) || value.SequenceEqual("false"u8) || value.SequenceEqual("None"u8)
        || value.SequenceEqual("undefined"u8) || value.SequenceEqual("?"u8) || value.SequenceEqual("%s"u8) || value.StartsWith("hmac:"u8)
        || value.StartsWith(Redactor.MaskBytes) || (value.Length is 2 or 3 && value[0] is (byte)'$' or (byte)'@');
}
