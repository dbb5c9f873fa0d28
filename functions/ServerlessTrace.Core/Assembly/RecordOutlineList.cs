using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Assembly;

/// <summary>Many outlines of records; they are never moved, since of a gigabyte of logs there are millions.</summary>
internal sealed class RecordOutlineList
{
    private const int FirstLength = 16;
    private const int MostLength = 1024;

    private readonly List<RecordOutline[]> _chunks = [];
    private RecordOutline[] _last = [];
    private int _inLast;

    /// <summary>Appends one, to be filled.</summary>
    public ref RecordOutline Add()
    {
        if (_inLast == _last.Length)
        {
            _last = GC.AllocateUninitializedArray<RecordOutline>(Math.Clamp(_last.Length * 2, FirstLength, MostLength));
            _chunks.Add(_last);
            _inLast = 0;
        }

        return ref _last[_inLast++];
    }

    /// <summary>Appends all to a batch.</summary>
    public void AddTo(SpanBatch batch)
    {
        foreach (RecordOutline[] chunk in _chunks)
        {
            foreach (ref readonly RecordOutline outline in chunk.AsSpan(0, chunk == _last ? _inLast : chunk.Length))
            {
                outline.AddTo(batch);
            }
        }
    }
}
