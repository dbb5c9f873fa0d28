using System.Diagnostics;
using Azure.Storage.Blobs;

namespace ServerlessTrace.Benchmarks.DropToSealed;

/// <summary>
/// How long a dropped file takes at low load, about two a second, until its trace is readable and until it is sealed, as an HTTP client sees it
/// that asks every 10 ms. Yardstick: the upload of the file alone.
/// </summary>
internal static class FreshnessBenchmark
{
    private const int WarmUp = 10;
    private const int Drops = 100;
    private const int Senders = 2;
    private const int DropsBetweenNews = 10;

    public static async Task RunAsync()
    {
        await using LocalService service = await LocalService.StartAsync();
        var waits = new List<Wait>();
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            var random = new Random(sender);
            for (int number; (number = Interlocked.Increment(ref next)) <= WarmUp + Drops;)
            {
                Wait wait = await DropAsync(service, number);
                lock (waits)
                {
                    waits.Add(wait);
                    if (waits.Count % DropsBetweenNews == 0)
                    {
                        Console.Error.WriteLine($"  {waits.Count} of {WarmUp + Drops} files sealed");
                    }
                }

                // At random moments of the window and of the listing.
                await Task.Delay(random.Next(50, 500));
            }
        }));

        waits.RemoveRange(0, WarmUp);
        Console.WriteLine($"Freshness at low load: {Drops} files of one 10-span trace each from {Senders} senders, each one file after the other, window 1 s");
        Waits.Print("upload alone", [.. waits.Select(wait => wait.Uploaded)]);
        Waits.Print("drop to readable", [.. waits.Select(wait => wait.Readable)]);
        Waits.Print("drop to sealed", [.. waits.Select(wait => wait.Sealed)]);
    }

    private static async Task<Wait> DropAsync(LocalService service, int number)
    {
        (string trace, byte[] file) = OneTrace.Generate((ulong)number);
        BlobClient blob = service.SpanLogs.GetBlobClient($"freshness/{number:d4}");
        long start = Stopwatch.GetTimestamp();
        await blob.UploadAsync(BinaryData.FromBytes(file));
        double uploaded = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double? readable = null;
        while (true)
        {
            (bool isReadable, bool isSealed) = await service.LookAsync(trace);
            double now = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            readable ??= isReadable ? now : null;
            if (isSealed)
            {
                return new Wait(uploaded, readable!.Value, now);
            }

            await Task.Delay(10);
        }
    }

    /// <summary>How long a file took to be uploaded, and from its upload's beginning to be readable and sealed, in ms.</summary>
    private readonly record struct Wait(double Uploaded, double Readable, double Sealed);
}
