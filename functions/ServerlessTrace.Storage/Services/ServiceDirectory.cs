using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Services;

/// <summary>
/// Which services have ever sent spans. Sealing asks it whether a call may still be answered by spans; it may be a few
/// seconds behind, which costs a waiting period or a second revision, never a span.
/// </summary>
public sealed class ServiceDirectory(StorageClients clients, TimeProvider clock) : IDisposable
{
    private const string Partition = "services";
    private const int RowsPerTransaction = 100;
    private const int LongestName = 512;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>The storage service's own clocks may differ, and a row may appear a little after its time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private long _refreshedAt = long.MinValue;
    private DateTimeOffset? _newest;

    /// <summary>Services that are known at most: every instance has all of them in memory. Beyond it somebody makes them up, and new ones stay unknown.</summary>
    internal int MostServices { get; init; } = 50_000;

    /// <summary>Whether a service of that name is known to send spans, as of the last <see cref="RefreshAsync"/>.</summary>
    public bool Sends(string service) => _known.ContainsKey(service);

    /// <summary>Makes the services of a batch known; costs nothing for those that are.</summary>
    public async Task AddAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        List<string> added = NewServices(batch);
        foreach (string[] group in added.Chunk(RowsPerTransaction))
        {
            await clients.Services.SubmitTransactionAsync(
                group.Select(name => new TableTransactionAction(
                    TableTransactionActionType.UpsertMerge, new TableEntity(Partition, Key(name)) { ["Name"] = name })),
                cancellationToken).ConfigureAwait(false);
        }

        // Known only once stored: a failure above is tried again with the redelivery.
        foreach (string name in added)
        {
            _known.TryAdd(name, 0);
        }
    }

    /// <summary>Learns what other instances have added, unless that was done just now.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_refreshedAt != long.MinValue && clock.GetElapsedTime(_refreshedAt) < Freshness)
            {
                return;
            }

            // Rows are never changed back: after the first time, only those written since are asked for.
            string? filter = _newest is { } newest ? TableClient.CreateQueryFilter($"Timestamp ge {newest - Overlap}") : null;
            await foreach (TableEntity row in clients.Services.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (_known.Count < MostServices)
                {
                    _known.TryAdd(row.GetString("Name"), 0);
                }

                _newest = _newest is { } known && known >= row.Timestamp ? known : row.Timestamp;
            }

            _refreshedAt = clock.GetTimestamp();
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _refreshing.Dispose();

    /// <summary>Names that no call could name as its peer are left out: a name is a host or a service, not a text.</summary>
    private List<string> NewServices(SpanBatch batch)
    {
        var seen = new HashSet<int>();
        var added = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (ref readonly SpanRecord span in batch.Spans)
        {
            if (span.Service != 0 && seen.Add(span.Service) && batch.Text(span.Service) is var name
                && name.Length <= LongestName && !_known.ContainsKey(name) && _known.Count + added.Count < MostServices)
            {
                added.Add(name);
            }
        }

        return [.. added.DistinctBy(Key)];
    }

    // Names may hold characters that keys may not, and differ in case only.
    private static string Key(string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToUpperInvariant())).AsSpan(0, 16));
}
