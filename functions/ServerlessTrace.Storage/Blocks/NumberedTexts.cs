using System.Text;

namespace ServerlessTrace.Storage.Blocks;

/// <summary>The texts of a block, each stored once and known by a number; the empty one is 0.</summary>
internal sealed class NumberedTexts
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [string.Empty] = 0 };

    public int Number(string text)
    {
        if (!_numbers.TryGetValue(text, out int number))
        {
            _numbers[text] = number = _numbers.Count;
        }

        return number;
    }

    /// <summary>The texts, then what was written with their numbers.</summary>
    public Span<byte> Before(MemoryStream body)
    {
        var bytes = new MemoryStream((int)body.Length + 256);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write7BitEncodedInt(_numbers.Count);
        foreach (string text in _numbers.Keys)
        {
            writer.Write(text);
        }

        writer.Flush();
        body.WriteTo(bytes);
        return bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
    }

    /// <summary>The texts by their numbers.</summary>
    public static string[] Read(BinaryReader reader)
    {
        string[] texts = new string[reader.Read7BitEncodedInt()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        return texts;
    }
}
