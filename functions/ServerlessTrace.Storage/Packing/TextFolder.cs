using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Replaces what a pack's texts repeat, of each other or of the <see cref="FoldWindow"/>, by distance and length: LZ77 without entropy coding,
/// in sequences like LZ4's. For the few hundred bytes of a trace it is several times faster than zstd and leaves little more.
/// </summary>
internal sealed class TextFolder
{
    private readonly ushort[] _positions = new ushort[1 << FoldWindow.HashBits];
    private byte[] _window = new byte[8192];

    /// <summary>Appends the folded texts; the reader knows their unfolded length.</summary>
    public void Fold(ReadOnlySpan<byte> texts, PackWriter output)
    {
        ReadOnlySpan<byte> window = Window(texts);
        ReadOnlySpan<ushort> initial = FoldWindow.Positions;
        Span<ushort> positions = _positions;
        initial.CopyTo(positions);
        int literals = FoldWindow.Bytes.Length;
        int end = window.Length - FoldWindow.LeastMatch;
        for (int at = literals; at <= end; at++)
        {
            uint next = Four(window, at);
            ref ushort position = ref positions[(int)FoldWindow.Hash(next)];
            int candidate = position - 1;
            position = (ushort)(at + 1);
            if (candidate < 0 || Four(window, candidate) != next)
            {
                continue;
            }

            int stop = at + FoldWindow.LeastMatch;
            for (int other = candidate + FoldWindow.LeastMatch; stop < window.Length && window[stop] == window[other]; other++)
            {
                stop++;
            }

            int start = at;
            while (start > literals && candidate > 0 && window[start - 1] == window[candidate - 1])
            {
                start--;
                candidate--;
            }

            Write(output, window[literals..start], stop - start, start - candidate);
            literals = stop;
            at = stop - 1;

            // The end of a repetition is where the next one often begins.
            if (stop - 2 <= end)
            {
                positions[(int)FoldWindow.Hash(Four(window, stop - 2))] = (ushort)(stop - 1);
            }
        }

        if (literals < window.Length)
        {
            Write(output, window[literals..], 0, 0);
        }
    }

    /// <summary>Four bytes at a position that is at least four bytes before the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Four(ReadOnlySpan<byte> window, int at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(window), at));

    /// <summary>A byte with both lengths, 15 for more; literals; the distance and the rest of the length unless the texts end there.</summary>
    private static void Write(PackWriter output, ReadOnlySpan<byte> literals, int length, int distance)
    {
        int match = length == 0 ? 0 : length - FoldWindow.LeastMatch;
        output.Byte((byte)((Math.Min(literals.Length, 15) << 4) | Math.Min(match, 15)));
        if (literals.Length >= 15)
        {
            output.Varint(literals.Length - 15);
        }

        output.Bytes(literals);
        if (length == 0)
        {
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(output.Take(2), (ushort)distance);
        if (match >= 15)
        {
            output.Varint(match - 15);
        }
    }

    private ReadOnlySpan<byte> Window(ReadOnlySpan<byte> texts)
    {
        int length = FoldWindow.Bytes.Length + texts.Length;
        if (_window.Length < length)
        {
            _window = new byte[length * 2];
        }

        FoldWindow.Bytes.CopyTo(_window);
        texts.CopyTo(_window.AsSpan(FoldWindow.Bytes.Length));
        return _window.AsSpan(0, length);
    }
}
