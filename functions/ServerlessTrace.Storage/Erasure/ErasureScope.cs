using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>What an erasure erases.</summary>
public sealed class ErasureScope
{
    private readonly ErasureStore _store;
    private HashSet<TraceId>? _traces;
    private int _firstHour;

    internal ErasureScope(ErasureRecord record, ErasureTarget target, ErasureStore store)
    {
        Record = record;
        Target = target;
        _store = store;
    }

    /// <summary>The record so far.</summary>
    public ErasureRecord Record { get; }

    /// <summary>The trace, or the value whose traces are erased.</summary>
    public ErasureTarget Target { get; }

    /// <summary>All traces that are erased.</summary>
    public async ValueTask<IReadOnlySet<TraceId>> TracesAsync(CancellationToken cancellationToken)
    {
        if (_traces is null)
        {
            _traces = [];
            _firstHour = int.MaxValue;
            await foreach ((_, IReadOnlyList<ErasureEntry> entries) in _store.ReadBatchesAsync(Record.Id, null, cancellationToken).ConfigureAwait(false))
            {
                foreach (ErasureEntry entry in entries)
                {
                    _traces.Add(entry.Id);
                    _firstHour = Math.Min(_firstHour, entry.Hour);
                }
            }
        }

        return _traces;
    }

    /// <summary>How many of them were there.</summary>
    internal async Task<int> CountFoundAsync(CancellationToken cancellationToken)
    {
        var found = new HashSet<TraceId>();
        await foreach ((_, IReadOnlyList<ErasureEntry> entries) in _store.ReadBatchesAsync(Record.Id, null, cancellationToken).ConfigureAwait(false))
        {
            found.UnionWith(entries.Where(entry => entry.IsFound).Select(entry => entry.Id));
        }

        return found.Count;
    }

    /// <summary>Those of them that are in a shard.</summary>
    public async ValueTask<IReadOnlySet<TraceId>> TracesAsync(Shard shard, CancellationToken cancellationToken) =>
        (await TracesAsync(cancellationToken).ConfigureAwait(false)).Where(trace => Shard.Of(trace) == shard).ToHashSet();

    /// <summary>Before when none of them began; where that is not known of one of them, the beginning of all time.</summary>
    public async ValueTask<DateTimeOffset> StartAsync(CancellationToken cancellationToken)
    {
        await TracesAsync(cancellationToken).ConfigureAwait(false);
        return DateTimeOffset.FromUnixTimeSeconds(_firstHour == int.MaxValue ? 0 : _firstHour * 3600L);
    }

    /// <summary>What looks for them in texts.</summary>
    public async ValueTask<ErasureText> TextAsync(CancellationToken cancellationToken) => new(Target, await TracesAsync(cancellationToken).ConfigureAwait(false));
}
