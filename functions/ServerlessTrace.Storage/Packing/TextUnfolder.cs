using System.Buffers.Binary;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Reads what <see cref="TextFolder"/> wrote.</summary>
internal sealed class TextUnfolder
{
    /// <summary>The window, then the texts of the pack at hand.</summary>
    private byte[] _texts = FoldWindow.Bytes.ToArray();

    public ReadOnlySpan<byte> Unfold(ReadOnlySpan<byte> folded, int length)
    {
        int begin = FoldWindow.Bytes.Length;
        if (length > FoldWindow.LargestTexts)
        {
            Malformed.Throw("folded texts are too long");
        }

        if (_texts.Length - begin < length)
        {
            Array.Resize(ref _texts, begin + (length * 2));
        }

        PackReader reader = new(folded);
        Span<byte> texts = _texts.AsSpan(0, begin + length);
        int at = begin;
        while (at < texts.Length)
        {
            int lengths = reader.Byte();
            int literals = lengths >> 4;
            literals += literals == 15 ? reader.Below(texts.Length, "a run of text is too long") : 0;
            if (literals > texts.Length - at)
            {
                Malformed.Throw("a run of text is too long");
            }

            reader.Take(literals).CopyTo(texts[at..]);
            at += literals;
            if (at < texts.Length)
            {
                at += Repeat(ref reader, texts, at, lengths & 15);
            }
        }

        if (reader.Remaining != 0)
        {
            Malformed.Throw("bytes are left over after the texts");
        }

        return texts[begin..];
    }

    private static int Repeat(ref PackReader reader, Span<byte> texts, int at, int match)
    {
        int distance = BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(2));
        int length = FoldWindow.LeastMatch + match;
        length += match == 15 ? reader.Below(texts.Length, "a repetition is too long") : 0;
        if (length > texts.Length - at || distance > at || distance == 0)
        {
            Malformed.Throw("a repetition reaches too far");
        }

        if (distance >= length)
        {
            texts.Slice(at - distance, length).CopyTo(texts[at..]);
            return length;
        }

        // What is repeated overlaps what is being written.
        for (int i = at; i < at + length; i++)
        {
            texts[i] = texts[i - distance];
        }

        return length;
    }
}
