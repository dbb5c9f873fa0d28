using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServerlessTrace.Core.Privacy;

/// <summary>Tokens that are told by their form alone: JSON web tokens, bearer tokens, and those of services that mark theirs.</summary>
internal static class TokenShapes
{
    /// <summary>Three bytes of each token, by which it is looked for; of eight kinds at most, a bit each.</summary>
    public static readonly string[][] Prefixes =
    [
        ["eyJ"],
        ["ghp", "gho", "ghu", "ghs", "ghr"],
        ["xox"],
        ["AKI", "ASI"],
        ["rer", "RER"],
        ["AIz"],
        ["_li"],
        ["glp", "b_p"],
    ];

    private const int ShortestPart = 10;
    private const int ShortestBearer = 8;
    private const int OpaqueLength = 20;

    private static readonly SearchValues<byte> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);
    private static readonly SearchValues<byte> Bearer = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="u8);
    private static readonly SearchValues<byte> UpperAndDigits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);
    private static readonly SearchValues<byte> NoLetters = SearchValues.Create("0123456789._"u8);

    // Of each of the three bytes, which kinds have one with this low, and with this high half.
    private static readonly Vector128<byte> Low0 = Halves(0, value => value & 15);
    private static readonly Vector128<byte> High0 = Halves(0, value => value >> 4);
    private static readonly Vector128<byte> Low1 = Halves(1, value => value & 15);
    private static readonly Vector128<byte> High1 = Halves(1, value => value >> 4);
    private static readonly Vector128<byte> Low2 = Halves(2, value => value & 15);
    private static readonly Vector128<byte> High2 = Halves(2, value => value >> 4);

    /// <summary>All bits of each byte at which a prefix may begin, given also the bytes behind and those behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MayBegin(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) =>
        ~Vector128.Equals(Kinds(first, Low0, High0) & Kinds(second, Low1, High1) & Kinds(third, Low2, High2), Vector128<byte>.Zero);

    /// <summary>Whether the three bytes at a place belong to a token, and which.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where a prefix may begin.</param>
    /// <param name="isCut">Whether the text went on: a token that reaches its end may be the beginning of a longer one.</param>
    /// <param name="seen">What was looked through in the text before.</param>
    /// <param name="start">Where the secret begins.</param>
    /// <param name="end">Where it ends.</param>
    public static bool TryFind(ReadOnlySpan<byte> text, int at, bool isCut, ref SeenRuns seen, out int start, out int end)
    {
        start = at;
        ReadOnlySpan<byte> rest = text[at..];
        end = text[at] switch
        {
            (byte)'e' => EndOfWebToken(text, at, isCut, ref seen),
            (byte)'r' or (byte)'R' => EndOfBearer(text, at, isCut, out start),
            (byte)'g' when rest.StartsWith("glpat-"u8) => EndOf(text, at, 6, OpaqueLength, Base64Url, isCut),
            (byte)'g' when rest.Length > 3 && rest[3] == '_' => EndOf(text, at, 4, OpaqueLength, Base64Url, isCut),
            (byte)'x' when rest.Length > 4 && rest[4] == '-' => EndOf(text, at, 5, ShortestPart, Base64Url, isCut),
            (byte)'A' when rest.StartsWith("AIza"u8) => EndOf(text, at, 4, 30, Base64Url, isCut),
            (byte)'A' when rest.StartsWith("AKIA"u8) || rest.StartsWith("ASIA"u8) => EndOf(text, at, 4, 16, UpperAndDigits, isCut),
            (byte)'_' when at >= 2 && text[at - 1] == 'k' && text[at - 2] is (byte)'s' or (byte)'r' && rest.StartsWith("_live_"u8) =>
                EndOf(text, start = at - 2, 8, ShortestPart, Base64Url, isCut),
            (byte)'b' when at >= 5 && text[(at - 5)..].StartsWith("github_pat_"u8) => EndOf(text, start = at - 5, 11, OpaqueLength, Base64Url, isCut),
            _ => -1,
        };
        return end > start;
    }

    /// <summary>RFC 7515, 7519: header, payload and signature in base64url, with dots between them; JSON begins with <c>{"</c>, which is <c>eyJ</c>.</summary>
    private static int EndOfWebToken(ReadOnlySpan<byte> text, int at, bool isCut, ref SeenRuns seen)
    {
        if (IsInsideWord(text, at))
        {
            return -1;
        }

        int header = at < seen.Headers ? seen.Headers : Run(text, at, Base64Url);
        seen.Headers = header;
        if (header == text.Length)
        {
            return isCut && header - at >= ShortestPart ? header : -1;
        }

        int payload = text[header] == '.' ? Run(text, header + 1, Base64Url) : header;
        if (header - at < ShortestPart || (payload - header <= ShortestPart && !(isCut && payload == text.Length)))
        {
            return -1;
        }

        return payload < text.Length && text[payload] == '.' ? Run(text, payload + 1, Bearer) : payload;
    }

    /// <summary>RFC 6750, section 2.1: <c>Bearer</c>, a blank, the token. A mere word is none: "bearer authentication".</summary>
    private static int EndOfBearer(ReadOnlySpan<byte> text, int at, bool isCut, out int start)
    {
        start = at + 4;
        if (at < 3 || start >= text.Length || text[at + 3] != ' ' || !"bea"u8.SequenceEqual([Lower(text[at - 3]), Lower(text[at - 2]), Lower(text[at - 1])]))
        {
            return -1;
        }

        int end = Run(text, start, Bearer);
        ReadOnlySpan<byte> token = text[start..end];
        bool isOpaque = token.Length >= OpaqueLength || token.ContainsAny(NoLetters);
        return (token.Length >= ShortestBearer && isOpaque) || (isCut && end == text.Length) ? end : -1;
    }

    private static int EndOf(ReadOnlySpan<byte> text, int start, int prefix, int shortest, SearchValues<byte> bytes, bool isCut)
    {
        if (IsInsideWord(text, start))
        {
            return -1;
        }

        int end = Run(text, start + prefix, bytes);
        bool isLong = end - start - prefix >= shortest || (isCut && end == text.Length);
        return isLong ? end : -1;
    }

    private static int Run(ReadOnlySpan<byte> text, int from, SearchValues<byte> bytes)
    {
        int length = text[from..].IndexOfAnyExcept(bytes);
        return length < 0 ? text.Length : from + length;
    }

    private static bool IsInsideWord(ReadOnlySpan<byte> text, int at) => at > 0 && char.IsAsciiLetterOrDigit((char)text[at - 1]);

    private static byte Lower(byte value) => (byte)(value | 0x20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Kinds(Vector128<byte> bytes, Vector128<byte> low, Vector128<byte> high)
    {
        Vector128<byte> half = Vector128.Create((byte)15);
        return Vector128.ShuffleNative(low, bytes & half) & Vector128.ShuffleNative(high, Vector128.ShiftRightLogical(bytes.AsUInt16(), 4).AsByte() & half);
    }

    private static Vector128<byte> Halves(int place, Func<int, int> half)
    {
        Span<byte> kinds = stackalloc byte[16];
        kinds.Clear();
        for (int kind = 0; kind < Prefixes.Length; kind++)
        {
            foreach (string prefix in Prefixes[kind])
            {
                kinds[half(prefix[place])] |= (byte)(1 << kind);
            }
        }

        return Vector128.Create<byte>(kinds);
    }
}
