using System.Globalization;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Html.Tests;

/// <summary>Traces as big as they get.</summary>
internal static class BigTraces
{
    private static readonly string[] Services = ["api-gateway", "order-service", "inventory-service", "payment-service", "shipping-service", "pricing-service"];
    private static readonly string[] Operations = ["GET /orders/{id}", "reserve", "SELECT orders", "charge", "quote", "cache.get"];

    /// <summary>Each span calls eight others, one after another, for seven eighths of its time.</summary>
    public static Trace Bushy(int count)
    {
        var builder = new TraceBuilder();
        var times = new (double Start, double End)[count];
        times[0] = (0, 10_000);
        builder.Span(1, Services[0], "checkout", 0, 10_000, kind: SpanKind.Server);
        for (int i = 1; i < count; i++)
        {
            int parent = (i - 1) / 8;
            (double start, double end) = times[parent];
            double part = (end - start) / 9;
            double from = start + (part * (((i - 1) % 8) + 0.3));
            times[i] = (from, from + (part * 0.9));
            int service = (i + (parent / 3)) % Services.Length;
            builder.Span((ulong)i + 1, Services[service], Operations[i % Operations.Length], times[i].Start, times[i].End, (ulong)parent + 1, SpanKind.Server)
                .With("item", string.Create(CultureInfo.InvariantCulture, $"sku-{i % 997}"));
            if (i % 401 == 400)
            {
                builder.Failed("deadline exceeded", "TIMEOUT");
            }
        }

        return builder.Build();
    }

    /// <summary>A span below a span below a span …</summary>
    public static Trace Deep(int count)
    {
        var builder = new TraceBuilder();
        for (int i = 0; i < count; i++)
        {
            builder.Span((ulong)i + 1, Services[i % Services.Length], "level", i * 0.01, 10_000 - (i * 0.01), (ulong)i);
        }

        return builder.Build();
    }
}
