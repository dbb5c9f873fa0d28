using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>Sums a trace up by service, in order of first appearance.</summary>
internal static class ServiceSummaries
{
    public static IReadOnlyList<ServiceSummary> Of(Trace trace, ReadOnlySpan<long> selfTimes, ReadOnlySpan<long> pathTimes)
    {
        var services = new List<Tally>();
        var places = new Dictionary<int, int>();
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            if (!places.TryGetValue(span.Service, out int place))
            {
                place = services.Count;
                places.Add(span.Service, place);
                services.Add(new Tally(span.Service));
            }

            Tally service = services[place];
            service.Spans++;
            service.Errors += span.Status == SpanStatus.Error ? 1 : 0;
            service.Self += selfTimes[i];
            service.Path += pathTimes[i];
            service.CountCaller(trace, i);
        }

        int entry = trace.Root < 0 ? -1 : trace[trace.Root].Service;
        return services.ConvertAll(service => service.Summarize(trace.Batch, service.Service == entry));
    }

    private sealed class Tally(int service)
    {
        private readonly HashSet<int> _known = [];
        private readonly List<(int Service, bool IsAsynchronous)> _callers = [];

        public int Service => service;

        public int Spans { get; set; }

        public int Errors { get; set; }

        public long Self { get; set; }

        public long Path { get; set; }

        public void CountCaller(Trace trace, int span)
        {
            int parent = trace.Parents[span];
            if (parent >= 0 && trace[parent].Service != service && _known.Add(trace[parent].Service))
            {
                _callers.Add((trace[parent].Service, AsynchronousCall.IsOne(in trace[parent], in trace[span])));
            }
        }

        public ServiceSummary Summarize(SpanBatch batch, bool isEntryPoint) => new(
            batch.Text(service), Spans, Errors, Self, Path, isEntryPoint, _callers.ConvertAll(caller => new ServiceCaller(batch.Text(caller.Service), caller.IsAsynchronous)));
    }
}
