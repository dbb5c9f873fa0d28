namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>The columns of the record being read, as texts: where they stand in the content, or copied where they had escapes.</summary>
internal sealed unsafe class AzureRow
{
    private readonly Column[] _columns = new Column[(int)AzureField.Count];
    private byte[] _copies = new byte[1024];
    private int _copied;

    /// <summary>A column's text; empty where there is none.</summary>
    public ReadOnlySpan<byte> this[AzureField field]
    {
        get
        {
            ref readonly Column column = ref _columns[(int)field];
            return column.Text is not null ? new ReadOnlySpan<byte>(column.Text, column.Length) : _copies.AsSpan(column.Copy, column.Length);
        }
    }

    /// <summary>Whether a column has a text.</summary>
    public bool Has(AzureField field) => _columns[(int)field].Length > 0;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_columns);
        _copied = 0;
    }

    /// <summary>Remembers a text of the content; an empty one changes nothing.</summary>
    public void Set(AzureField field, byte* text, int length)
    {
        if (length > 0)
        {
            _columns[(int)field] = new Column { Text = text, Length = length };
        }
    }

    /// <summary>Remembers a text that will not last; an empty one changes nothing.</summary>
    public void SetCopy(AzureField field, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_copied + text.Length > _copies.Length)
        {
            Array.Resize(ref _copies, Math.Max(_copied + text.Length, _copies.Length * 2));
        }

        text.CopyTo(_copies.AsSpan(_copied));
        _columns[(int)field] = new Column { Copy = _copied, Length = text.Length };
        _copied += text.Length;
    }

    private struct Column
    {
        public byte* Text;
        public int Copy;
        public int Length;
    }
}
