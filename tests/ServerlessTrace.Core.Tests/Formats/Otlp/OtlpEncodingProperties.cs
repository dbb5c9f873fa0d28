using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Formats.Otlp;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Formats.Otlp;

public class OtlpEncodingProperties
{
    [Property(MaxTest = 500)]
    public void Json_and_protobuf_of_the_same_request_give_equal_spans(int seed)
    {
        OtlpModel model = new RandomOtlp(seed).Request();
        string json = new OtlpJsonEncoder(new Random(seed)).Request(model);
        SpanBatch fromJson = new();
        SpanBatch fromProtobuf = new();
        OtlpRequestResult one = OtlpRequest.ReadTraces(Encoding.UTF8.GetBytes(json), isJson: true, fromJson);
        OtlpRequestResult other = OtlpRequest.ReadTraces(OtlpProtobufEncoder.Request(model), isJson: false, fromProtobuf);
        Assert.Equal(0, one.Rejected);
        Assert.Equal(model.Groups.Sum(group => group.Scopes.Sum(scope => scope.Spans.Count)), one.Accepted);
        Assert.Equal(one, other);
        Assert.Equal(string.Join('\n', Sorted(fromProtobuf)), string.Join('\n', Sorted(fromJson)));
    }

    /// <summary>Shared attributes may stand in another order where the resource came after its spans.</summary>
    private static List<string> Sorted(SpanBatch batch) => [.. Enumerable.Range(0, batch.Count).Select(i =>
    {
        string[] parts = SpanBatchText.Describe(batch, i).Split(" own", 2);
        int brace = parts[0].IndexOf("shared{", StringComparison.Ordinal);
        return parts[0][..brace] + string.Join(';', parts[0][(brace + 7)..].TrimEnd('}').Split(';').Order(StringComparer.Ordinal)) + parts[1];
    })];
}
