namespace ServerlessTrace.Core.Tests.Formats.Otlp;

/// <summary>An OTLP request for traces, as plain values: what both encodings are made from.</summary>
internal sealed record OtlpModel(IReadOnlyList<OtlpGroup> Groups);

internal sealed record OtlpGroup(IReadOnlyList<OtlpPair> Resource, IReadOnlyList<OtlpScopeGroup> Scopes);

internal sealed record OtlpScopeGroup(string Name, string Version, IReadOnlyList<OtlpPair> Attributes, IReadOnlyList<OtlpSpan> Spans);

/// <summary>A key and a value: string, bool, long, double, byte[], object?[] (an array) or OtlpPair[] (a list of pairs); null is the empty value.</summary>
internal sealed record OtlpPair(string Key, object? Value);

internal sealed record OtlpDetail(long Time, string Name, IReadOnlyList<OtlpPair> Attributes, uint Dropped);

internal sealed record OtlpLink(byte[] TraceId, byte[] SpanId, IReadOnlyList<OtlpPair> Attributes);

internal sealed record OtlpSpan
{
    public byte[] TraceId { get; init; } = [];

    public byte[] SpanId { get; init; } = [];

    public byte[] ParentSpanId { get; init; } = [];

    public string TraceState { get; init; } = "";

    public string Name { get; init; } = "";

    public int Kind { get; init; }

    public long Start { get; init; }

    public long End { get; init; }

    public IReadOnlyList<OtlpPair> Attributes { get; init; } = [];

    public uint DroppedAttributes { get; init; }

    public IReadOnlyList<OtlpDetail> Events { get; init; } = [];

    public IReadOnlyList<OtlpLink> Links { get; init; } = [];

    public int Status { get; init; }

    public string StatusMessage { get; init; } = "";
}
