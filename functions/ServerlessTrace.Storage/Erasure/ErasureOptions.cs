using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Storage.Erasure;

/// <summary>How traces are erased on demand.</summary>
public sealed class ErasureOptions
{
    /// <summary>
    /// How long after everything was erased it is looked at again for what somebody wrote who did not know of the erasure yet. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SettleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether blobs in <c>span-logs</c> are deleted that have records of what is erased, once all of their records are taken in: with the records of other traces, which
    /// are stored by then. Default false: they are yours, and the erasure's record names them.
    /// </summary>
    public bool DeleteRawLogs { get; set; }
}
