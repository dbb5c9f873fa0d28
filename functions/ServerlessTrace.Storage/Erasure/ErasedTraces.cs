using System.Buffers.Binary;
using System.Collections;
using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Rows;
using ServerlessTrace.Storage.Secrets;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>
/// The traces that were erased and must not come back, whatever is delivered again or late. They are known by marks of 16 bytes, many in a row: 2 bytes of the id, to pass by
/// nearly all others at no cost, and 14 of its keyed hash.
/// </summary>
public sealed class ErasedTraces(StorageClients clients, ErasureKeyStore keys, TimeProvider clock) : IDisposable
{
    /// <summary>How much later than written an erasure may be heeded, by all instances.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private const byte Version = 1;
    private const string Partition = "traces";
    private const string State = "state";
    private const string AddedAt = "At";
    private const int MarkBytes = 16;
    private const int PrefixBytes = 2;

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private Marks _marks = Marks.None;
    private ETag? _state;
    private long _readAt = long.MinValue;

    /// <summary>Whether a trace was erased, as of the last <see cref="RefreshAsync"/>.</summary>
    public bool Contains(TraceId trace) => Volatile.Read(ref _marks).Contains(trace);

    /// <summary>Learns what was erased meanwhile, unless that was done just now: one small request where nothing was.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        long readAt = Volatile.Read(ref _readAt);
        if (readAt != long.MinValue && clock.GetElapsedTime(readAt) < Freshness)
        {
            return;
        }

        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_readAt == long.MinValue || clock.GetElapsedTime(_readAt) >= Freshness)
            {
                long now = clock.GetTimestamp();
                await ReadAsync(cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _readAt, now);
            }
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _refreshing.Dispose();

    /// <summary>Adds traces; adding the same ones again under the same name changes nothing.</summary>
    internal async Task AddAsync(string name, IReadOnlyCollection<TraceId> traces, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[] key = await keys.GetAsync(cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[1 + (traces.Count * MarkBytes)];
        bytes[0] = Version;
        int at = 1;
        foreach (TraceId trace in traces)
        {
            Write(key, trace, bytes.AsSpan(at, MarkBytes));
            at += MarkBytes;
        }

        var row = new TableEntity(Partition, $"t-{name}") { [AddedAt] = now.ToUnixTimeMilliseconds() };
        PackedProperties.Write(row, bytes);
        await clients.Erasures.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
        await ChangedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets traces that were erased before a time. Returns how many rows that were.</summary>
    internal async Task<int> DeleteBeforeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var old = new List<TableEntity>();
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and At lt {time.ToUnixTimeMilliseconds()}");
        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            old.Add(row);
        }

        if (old.Count > 0)
        {
            await clients.Erasures.DeleteRowsAsync(old, cancellationToken).ConfigureAwait(false);
            await ChangedAsync(cancellationToken).ConfigureAwait(false);
        }

        return old.Count;
    }

    private Task<Response> ChangedAsync(CancellationToken cancellationToken) =>
        clients.Erasures.UpsertEntityAsync(new TableEntity(State, State), TableUpdateMode.Replace, cancellationToken);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> state = await clients.Erasures.GetEntityIfExistsAsync<TableEntity>(State, State, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!state.HasValue || state.Value!.ETag == _state)
        {
            return;
        }

        byte[] key = await keys.GetAsync(cancellationToken).ConfigureAwait(false);
        var marks = new Marks(key);
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        await foreach (TableEntity row in clients.Erasures.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            byte[] bytes = PackedProperties.Read(row);
            if (bytes is not [Version, ..])
            {
                throw new InvalidDataException($"The row '{row.RowKey}' has an unknown form. It was written by another version, or is damaged.");
            }

            marks.Add(bytes.AsSpan(1));
        }

        Volatile.Write(ref _marks, marks);
        _state = state.Value.ETag;
    }

    private static void Write(byte[] key, TraceId trace, Span<byte> mark)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, trace.High);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], trace.Low);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, id, hash);
        id[^PrefixBytes..].CopyTo(mark);
        hash[..(MarkBytes - PrefixBytes)].CopyTo(mark[PrefixBytes..]);
    }

    /// <summary>All marks as of a moment.</summary>
    private sealed class Marks(byte[] key)
    {
        public static readonly Marks None = new([]);

        private readonly HashSet<UInt128> _all = [];
        private readonly BitArray _prefixes = new(1 << (PrefixBytes * 8));

        public void Add(ReadOnlySpan<byte> marks)
        {
            for (; marks.Length >= MarkBytes; marks = marks[MarkBytes..])
            {
                _prefixes[BinaryPrimitives.ReadUInt16BigEndian(marks)] = true;
                _all.Add(BinaryPrimitives.ReadUInt128BigEndian(marks));
            }
        }

        public bool Contains(TraceId trace)
        {
            if (_all.Count == 0 || !_prefixes[(ushort)trace.Low])
            {
                return false;
            }

            Span<byte> mark = stackalloc byte[MarkBytes];
            Write(key, trace, mark);
            return _all.Contains(BinaryPrimitives.ReadUInt128BigEndian(mark));
        }
    }
}
