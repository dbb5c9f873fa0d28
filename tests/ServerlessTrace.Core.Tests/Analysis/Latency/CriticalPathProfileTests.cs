using ServerlessTrace.Core.Analysis.Latency;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Analysis.Latency;

public class CriticalPathProfileTests
{
    [Fact]
    public void The_critical_paths_of_many_traces_add_up_by_service_and_operation()
    {
        var profile = new CriticalPathProfile();
        profile.Add(new TraceBuilder().Span(1, "gateway", "pay", 0, 100).Span(2, "payments", "charge", 10, 90, parent: 1).Build());
        profile.Add(new TraceBuilder().Span(1, "gateway", "pay", 0, 50).Build());
        profile.Add(new TraceBuilder().Span(1, "gateway", "pay", 0, null).Build());

        Assert.Equal(2, profile.Traces);
        Assert.Equal(150_000_000, profile.TotalNano);
        Assert.Equal([new ProfilePart("payments", "charge", 80_000_000, 1), new ProfilePart("gateway", "pay", 70_000_000, 2)], profile.Parts);
    }
}
