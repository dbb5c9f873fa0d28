namespace ServerlessTrace.Core.Analysis;

/// <summary>Attribute names in the one form in which <c>order_id</c>, <c>orderId</c>, <c>order.id</c> and <c>Order-Id</c> are the same.</summary>
internal static class AttributeName
{
    private const int Longest = 64;

    /// <summary>Lower case without separators; empty for names too long to be looked for.</summary>
    public static string Plain(ReadOnlySpan<byte> utf8)
    {
        Span<char> plain = stackalloc char[Longest];
        int length = 0;
        foreach (byte unit in utf8)
        {
            if (unit is (byte)'_' or (byte)'.' or (byte)'-')
            {
                continue;
            }

            if (length == Longest)
            {
                return string.Empty;
            }

            plain[length++] = (char)(unit is >= (byte)'A' and <= (byte)'Z' ? unit | 0x20 : unit);
        }

        return new string(plain[..length]);
    }

    public static bool IsSame(string left, string right) => string.Equals(left, right, StringComparison.Ordinal) || (Plain(left) is { Length: > 0 } plain && plain == Plain(right));

    public static string Plain(string name) => Plain(System.Text.Encoding.UTF8.GetBytes(name));
}
