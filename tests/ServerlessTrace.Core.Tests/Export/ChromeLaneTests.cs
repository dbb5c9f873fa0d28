using System.Text.Json;
using FsCheck.Xunit;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Export;

public class ChromeLaneTests
{
    [Property(MaxTest = 150)]
    public void On_a_lane_slices_lie_apart_or_inside_their_own_parent(int seed)
    {
        foreach (Trace trace in ExportTests.Traces(new RandomParts(seed).Parts(40)))
        {
            JsonElement[] slices = Events(trace, "X");
            Assert.Equal(trace.SpanCount, slices.Length);
            foreach (IGrouping<int, int> lane in Enumerable.Range(0, slices.Length).GroupBy(span => slices[span].GetProperty("tid").GetInt32()))
            {
                Assert.Single(lane.Select(span => slices[span].GetProperty("pid").GetInt32()).Distinct());
                foreach ((int outer, int inner) in lane.SelectMany(outer => lane.Where(inner => inner > outer).Select(inner => (outer, inner))))
                {
                    bool apart = End(slices[outer]) <= Start(slices[inner]) || End(slices[inner]) <= Start(slices[outer]);
                    bool inside = End(slices[inner]) <= End(slices[outer]) && IsAncestor(trace, outer, inner);
                    Assert.True(apart || inside, $"{slices[outer]} {slices[inner]}");
                }
            }
        }
    }

    [Property(MaxTest = 150)]
    public void A_flow_leads_from_the_caller_to_what_it_called(int seed)
    {
        foreach (Trace trace in ExportTests.Traces(new RandomParts(seed).Parts(40)))
        {
            JsonElement[] slices = Events(trace, "X");
            Dictionary<int, JsonElement> starts = Events(trace, "s").ToDictionary(static flow => flow.GetProperty("id").GetInt32());
            JsonElement[] ends = Events(trace, "f");
            Assert.Equal(starts.Keys.Order(), ends.Select(static flow => flow.GetProperty("id").GetInt32()).Order());
            foreach (JsonElement end in ends)
            {
                int called = end.GetProperty("id").GetInt32() - 1;
                JsonElement start = starts[called + 1];
                AssertOn(slices[called], end);
                AssertOn(slices[trace.Parents[called]], start);
                Assert.True(Start(start) <= Start(end));
            }
        }
    }

    [Fact]
    public void Siblings_at_the_same_time_get_lanes_of_their_own_and_the_next_ones_reuse_them()
    {
        Trace trace = new TraceBuilder().Span(1, "api", "root", 0, 100)
            .Span(2, "api", "a", 10, 40, parent: 1).Span(3, "api", "b", 20, 50, parent: 1).Span(4, "api", "c", 30, 60, parent: 1).Span(5, "api", "d", 60, 90, parent: 1)
            .Span(6, "api", "below b", 25, 45, parent: 3).Span(7, "api", "late", 70, 120, parent: 1).Build();

        string[] lanes = [.. Events(trace, "X").Select(static slice => $"{slice.GetProperty("name")} {slice.GetProperty("tid")}")];

        Assert.Equal(["root 1", "a 1", "b 2", "below b 2", "c 3", "d 1", "late 2"], lanes);
    }

    private static JsonElement[] Events(Trace trace, string phase) =>
        [.. Exported.Json(trace, ExportFormat.Chrome).GetProperty("traceEvents").EnumerateArray().Where(item => item.GetProperty("ph").GetString() == phase)];

    private static decimal Start(JsonElement slice) => slice.GetProperty("ts").GetDecimal();

    private static decimal End(JsonElement slice) => Start(slice) + slice.GetProperty("dur").GetDecimal();

    private static void AssertOn(JsonElement slice, JsonElement flow)
    {
        Assert.Equal(slice.GetProperty("tid").GetInt32(), flow.GetProperty("tid").GetInt32());
        Assert.InRange(Start(flow), Start(slice), End(slice));
    }

    private static bool IsAncestor(Trace trace, int above, int below)
    {
        for (int span = below; span >= 0; span = trace.Parents[span])
        {
            if (span == above)
            {
                return true;
            }
        }

        return false;
    }
}
