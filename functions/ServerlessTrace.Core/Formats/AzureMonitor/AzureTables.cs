namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// Application Insights' tables: their names in a workspace (<c>Type</c>, <c>category</c>) and their classic ones (<c>itemType</c>), from
/// learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource, "Table structure"; and what SDKs and continuous export call the same.
/// </summary>
internal static class AzureTables
{
    /// <summary>Whether a table is one of Application Insights', traced or not.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> name) => Kind(name) != AzureRecordKind.Unknown;

    /// <summary>The table of the items that continuous export has under a name.</summary>
    public static ReadOnlySpan<byte> OfItems(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("request"u8) ? "requests"u8
        : name.SequenceEqual("basicException"u8) ? "exceptions"u8
        : name.SequenceEqual("message"u8) ? "traces"u8
        : name.SequenceEqual("event"u8) ? "customEvents"u8
        : "dependencies"u8;

    /// <summary>What the records of a table are.</summary>
    public static AzureRecordKind Kind(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("AppRequests"u8) || name.SequenceEqual("request"u8) || name.SequenceEqual("requests"u8) || name.SequenceEqual("RequestData"u8))
        {
            return AzureRecordKind.Request;
        }

        if (name.SequenceEqual("AppDependencies"u8) || name.SequenceEqual("dependency"u8) || name.SequenceEqual("dependencies"u8)
            || name.SequenceEqual("RemoteDependencyData"u8))
        {
            return AzureRecordKind.Dependency;
        }

        if (name.SequenceEqual("AppExceptions"u8) || name.SequenceEqual("AppSystemEvents"u8) || name.SequenceEqual("exception"u8) || name.SequenceEqual("exceptions"u8)
            || name.SequenceEqual("ExceptionData"u8))
        {
            return AzureRecordKind.Exception;
        }

        if (name.SequenceEqual("AppTraces"u8) || name.SequenceEqual("trace"u8) || name.SequenceEqual("traces"u8)
            || name.SequenceEqual("MessageData"u8))
        {
            return AzureRecordKind.Trace;
        }

        if (name.SequenceEqual("AppEvents"u8) || name.SequenceEqual("customEvent"u8) || name.SequenceEqual("customEvents"u8)
            || name.SequenceEqual("EventData"u8))
        {
            return AzureRecordKind.Event;
        }

        return name.SequenceEqual("AppPageViews"u8) || name.SequenceEqual("pageView"u8) || name.SequenceEqual("pageViews"u8)
            || name.SequenceEqual("AppBrowserTimings"u8) || name.SequenceEqual("browserTiming"u8) || name.SequenceEqual("browserTimings"u8)
            || name.SequenceEqual("AppAvailabilityResults"u8) || name.SequenceEqual("availabilityResult"u8) || name.SequenceEqual("availabilityResults"u8)
            || name.SequenceEqual("AppMetrics"u8) || name.SequenceEqual("customMetric"u8) || name.SequenceEqual("customMetrics"u8)
            || name.SequenceEqual("AppPerformanceCounters"u8) || name.SequenceEqual("performanceCounter"u8) || name.SequenceEqual("performanceCounters"u8)
            || name.SequenceEqual("MetricData"u8) || name.SequenceEqual("PageViewData"u8) || name.SequenceEqual("PageViewPerfData"u8) || name.SequenceEqual("AvailabilityData"u8)
            || name.SequenceEqual("StatsbeatData"u8)
            ? AzureRecordKind.Untraced
            : AzureRecordKind.Unknown;
    }
}
