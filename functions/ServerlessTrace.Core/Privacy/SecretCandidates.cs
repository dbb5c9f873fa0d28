using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Where in a text a secret may be, found 64 bytes at a time: the thirteenth and later bytes of a run of digits, blanks and dashes
/// (a card number's), an equals sign or colon behind a name (an assignment's), and the first of three bytes that
/// <see cref="TokenShapes.Prefixes"/> lists (a token's).
/// </summary>
internal ref struct SecretCandidates(ReadOnlySpan<byte> text)
{
    private const int BlockBytes = 64;
    private const int LookAhead = 2;

    private readonly ReadOnlySpan<byte> _text = text;
    private int _block = -BlockBytes;
    private ulong _runs;
    private ulong _others;
    private int _runsFrom;

    // What the block before ended with: the steps of counting a run to 13, and whether a name's byte came last.
    private ulong _run1;
    private ulong _run2;
    private ulong _run4;
    private ulong _run8;
    private ulong _named;

    /// <summary>The candidate's place in the text.</summary>
    public int Position { get; private set; }

    /// <summary>Goes on to the next candidate; false where there is none.</summary>
    public bool MoveNext()
    {
        while ((_runs | _others) == 0)
        {
            _block += BlockBytes;
            if (_block >= _text.Length)
            {
                return false;
            }

            Load();
        }

        ulong either = _runs | _others;
        ulong lowest = either & (0 - either);
        Position = _block + BitOperations.TrailingZeroCount(either);
        _runs &= ~lowest;
        _others &= ~lowest;
        return true;
    }

    /// <summary>Passes over candidates for card numbers before a place: that run has been looked at.</summary>
    public void SkipRunsTo(int position)
    {
        _runsFrom = position;
        _runs &= Behind(position);
    }

    private readonly ulong Behind(int position) =>
        position <= _block ? ulong.MaxValue : position - _block >= BlockBytes ? 0 : ulong.MaxValue << (position - _block);

    private void Load()
    {
        if (_block + BlockBytes + LookAhead <= _text.Length)
        {
            Scan(ref Unsafe.Add(ref MemoryMarshal.GetReference(_text), _block));
            return;
        }

        Span<byte> last = stackalloc byte[BlockBytes + LookAhead];
        last.Clear();
        _text[_block..Math.Min(_text.Length, _block + BlockBytes + LookAhead)].CopyTo(last);
        Scan(ref last[0]);
    }

    private void Scan(ref byte block)
    {
        ulong digits = 0;
        ulong names = 0;
        ulong signs = 0;
        ulong tokens = 0;
        for (int at = 0; at < BlockBytes; at += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref block, (nuint)at);
            Vector128<byte> blanks = Vector128.Equals(bytes, Vector128.Create((byte)' '));
            Vector128<byte> letters = Vector128.LessThan((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
            Vector128<byte> quotes = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\''));
            Vector128<byte> assigns = Vector128.Equals(bytes, Vector128.Create((byte)'=')) | Vector128.Equals(bytes, Vector128.Create((byte)':'));
            Vector128<byte> run = Vector128.LessThan(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)10)) | blanks | Vector128.Equals(bytes, Vector128.Create((byte)'-'));
            digits |= (ulong)run.ExtractMostSignificantBits() << at;
            names |= (ulong)(letters | quotes | blanks).ExtractMostSignificantBits() << at;
            signs |= (ulong)assigns.ExtractMostSignificantBits() << at;
            tokens |= (ulong)TokenShapes.MayBegin(
                bytes, Vector128.LoadUnsafe(ref block, (nuint)(at + 1)), Vector128.LoadUnsafe(ref block, (nuint)(at + 2))).ExtractMostSignificantBits() << at;
        }

        _others = (signs & ((names << 1) | _named)) | tokens;
        _named = names >> 63;
        _runs = RunsOf13(digits) & Behind(_runsFrom);
    }

    /// <summary>The bytes that end a run of 13: runs of 2, 4 and 8 first, each from two of half the length, then 8 and 5 more.</summary>
    private ulong RunsOf13(ulong run1)
    {
        ulong run2 = run1 & ((run1 << 1) | (_run1 >> 63));
        ulong run4 = run2 & ((run2 << 2) | (_run2 >> 62));
        ulong run8 = run4 & ((run4 << 4) | (_run4 >> 60));
        ulong run13 = run8 & ((run8 << 5) | (_run8 >> 59));
        (_run1, _run2, _run4, _run8) = (run1, run2, run4, run8);
        return run13;
    }
}
