using System.Security.Cryptography;
using System.Text;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// When a delivery that failed is tried again: soon at first, then each time three times as late, up to a limit, for as long as it is worth it.
/// A fifth more or less is drawn from the delivery's id, so that deliveries that failed together do not come back together, and the same
/// one always waits the same.
/// </summary>
/// <param name="First">The wait after the first attempt.</param>
/// <param name="Longest">The longest wait.</param>
/// <param name="GiveUpAfter">How long after the first attempt the last one may be.</param>
public sealed record RetrySchedule(TimeSpan First, TimeSpan Longest, TimeSpan GiveUpAfter)
{
    private const double Growth = 3;
    private const double Jitter = 0.2;

    /// <summary>How long to wait until the next attempt; null when none is worth it.</summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="attempts">Attempts made so far, at least one.</param>
    /// <param name="sinceFirst">How long ago the first attempt was.</param>
    /// <param name="atLeast">What the receiver asked for; zero for nothing.</param>
    public TimeSpan? WaitAfter(string id, int attempts, TimeSpan sinceFirst, TimeSpan atLeast)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        double grown = First.TotalSeconds * Math.Pow(Growth, attempts - 1);
        double wait = Math.Min(grown, Longest.TotalSeconds) * (1 + (Jitter * Draw(id, attempts)));
        TimeSpan next = TimeSpan.FromSeconds(Math.Max(wait, atLeast.TotalSeconds));
        return sinceFirst + next <= GiveUpAfter ? next : null;
    }

    /// <summary>A number from -1 to 1 that looks drawn by chance.</summary>
    private static double Draw(string id, int attempts)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{id}:{attempts}"));
        return (BitConverter.ToUInt32(hash) / (double)uint.MaxValue * 2) - 1;
    }
}
