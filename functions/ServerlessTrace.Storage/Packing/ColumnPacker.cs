using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Writes attributes: a column is a key with kind, scope and rank, a shape is a sequence of columns, a cell is a value. Cells come eight at a
/// time after a byte whose bits say which of them have the value that their column had last.
/// </summary>
internal sealed class ColumnPacker(PackWriter codes, PackWriter noise, TextPacker texts)
{
    private readonly NumberedSet<ulong> _columns = new();

    /// <summary>Where the columns of a shape begin in <see cref="_shapeColumns"/>.</summary>
    private int[] _shapes = new int[32];
    private int[] _shapeColumns = new int[256];
    private int _shapeCount;
    private int _shapeColumnCount;

    /// <summary>The value a column had last, and the column that followed it last. Columns count from 1; 0 is the beginning of a shape.</summary>
    private long[] _last = new long[64];
    private int[] _next = new int[64];

    /// <summary>What makes a column, in 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Column(ref readonly SpanAttribute attribute) =>
        (uint)attribute.Key | ((ulong)attribute.Kind << 32) | ((ulong)attribute.Scope << 40) | ((ulong)attribute.Rank << 48);

    public void Begin()
    {
        _columns.Clear();
        _shapeCount = 1;
        _shapeColumnCount = 0;
        _next[0] = 0;
    }

    /// <summary>Writes the next shape: what follows as it did last time is a 0 and a count, other columns are their number.</summary>
    public void WriteShape(ReadOnlySpan<SpanAttribute> attributes)
    {
        Reserve(attributes.Length);
        _shapes[_shapeCount++] = _shapeColumnCount;
        codes.Varint(attributes.Length);
        int before = 0;
        int expected = 0;
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            ulong key = Column(in attribute);
            int number = _columns.Add(key, (uint)((key * 0x9E3779B97F4A7C15) >> 32));
            int column = 1 + (number < 0 ? ~number : number);
            _shapeColumns[_shapeColumnCount++] = column;
            if (number >= 0 && _next[before] == column)
            {
                expected++;
            }
            else
            {
                WriteExpected(ref expected);
                codes.Varint(column);
                if (number < 0)
                {
                    WriteColumn(column, in attribute);
                }

                _next[before] = column;
            }

            before = column;
        }

        WriteExpected(ref expected);
    }

    public void WriteCells(int shape, ReadOnlySpan<SpanAttribute> attributes)
    {
        if (attributes.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<int> columns = _shapeColumns.AsSpan(_shapes[shape], attributes.Length);
        int at = 0;
        int same = 0;
        for (int i = 0; i < attributes.Length; i++)
        {
            if ((i & 7) == 0)
            {
                at = codes.Length;
                same = 0;
                codes.Byte(0);
            }

            ref readonly SpanAttribute attribute = ref attributes[i];
            ref long last = ref _last[columns[i]];
            if (last == attribute.Bits)
            {
                same |= 1 << (i & 7);
            }
            else
            {
                last = attribute.Bits;
                WriteCell(in attribute);
            }

            if ((i & 7) == 7)
            {
                codes.Patch(at, (byte)same);
            }
        }

        codes.Patch(at, (byte)same);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteCell(ref readonly SpanAttribute attribute)
    {
        if (attribute.IsText)
        {
            texts.Write(attribute.Text);
        }
        else if (attribute.Kind == AttributeKind.Double)
        {
            PackedNumber.Write(codes, noise, attribute.Bits);
        }
        else
        {
            codes.Signed(attribute.Bits);
        }
    }

    private void WriteExpected(ref int expected)
    {
        if (expected > 0)
        {
            codes.Varint(0);
            codes.Varint(expected);
            expected = 0;
        }
    }

    private void WriteColumn(int column, ref readonly SpanAttribute attribute)
    {
        if (column >= _last.Length)
        {
            Array.Resize(ref _last, column * 2);
            Array.Resize(ref _next, column * 2);
        }

        _last[column] = 0;
        _next[column] = 0;
        texts.Write(attribute.Key);
        (byte kind, byte scope, byte rank) = ((byte)attribute.Kind, (byte)attribute.Scope, (byte)attribute.Rank);
        if (kind < 7 && scope < 4 && rank < 4)
        {
            codes.Byte((byte)(kind | (scope << 3) | (rank << 5)));
            return;
        }

        codes.Byte(PackFormat.UnusualColumn);
        codes.Byte(kind);
        codes.Byte(scope);
        codes.Byte(rank);
    }

    private void Reserve(int columns)
    {
        if (_shapeCount == _shapes.Length)
        {
            Array.Resize(ref _shapes, _shapeCount * 2);
        }

        if (_shapeColumns.Length - _shapeColumnCount < columns)
        {
            Array.Resize(ref _shapeColumns, Math.Max(_shapeColumns.Length * 2, _shapeColumnCount + columns));
        }
    }
}
