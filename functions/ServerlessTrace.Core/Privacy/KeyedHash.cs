using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Core.Privacy;

/// <summary>HMAC-SHA256 of values, cut to 96 bits: the same value has the same hash, which says nothing without the key.</summary>
public sealed class KeyedHash(string key)
{
    private const string Prefix = "hmac:";
    private const int Bytes = 12;

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    /// <summary>The hash of a value, as text.</summary>
    public string Of(ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, value, hash);
        return Prefix + Convert.ToHexStringLower(hash[..Bytes]);
    }

    /// <summary>The hash of a text's UTF-8.</summary>
    public string Of(string value) => Of(Encoding.UTF8.GetBytes(value));
}
