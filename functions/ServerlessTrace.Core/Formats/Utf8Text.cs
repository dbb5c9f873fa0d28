using System.Text;
using System.Text.Unicode;

namespace ServerlessTrace.Core.Formats;

/// <summary>Text that need not be UTF-8.</summary>
internal static class Utf8Text
{
    /// <summary>The text, with U+FFFD where it is not UTF-8; the same memory where it is.</summary>
    public static ReadOnlySpan<byte> Repair(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
}
