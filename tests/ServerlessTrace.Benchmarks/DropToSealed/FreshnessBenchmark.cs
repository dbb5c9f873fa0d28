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

    public static async Task RunAsync()
    {
        await using LocalService service = await LocalService.StartAsync();
        var uploads = new List<double>();
        var readable = new List<double>();
        var sealed_ = new List<double>();
        var random = new Random(1);
        for (int i = 0; i < WarmUp + Drops; i++)
        {
            (string trace, byte[] file) = OneTrace.Generate((ulong)i + 1);
            BlobClient blob = service.SpanLogs.GetBlobClient($"freshness/{i:d4}");
            long start = Stopwatch.GetTimestamp();
            await blob.UploadAsync(BinaryData.FromBytes(file));
            double uploaded = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            double? readableAt = null;
            while (true)
            {
                (bool isReadable, bool isSealed) = await service.LookAsync(trace);
                double now = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                readableAt ??= isReadable ? now : null;
                if (isSealed)
                {
                    if (i >= WarmUp)
                    {
                        uploads.Add(uploaded);
                        readable.Add(readableAt!.Value);
                        sealed_.Add(now);
                    }

                    break;
                }

                await Task.Delay(10);
            }

            // At random moments of the window and of the listing.
            await Task.Delay(random.Next(50, 500));
        }

        Console.WriteLine($"Freshness at low load: {Drops} files of one 10-span trace each, one after the other, window 1 s");
        Waits.Print("upload alone", uploads);
        Waits.Print("drop to readable", readable);
        Waits.Print("drop to sealed", sealed_);
    }
}
