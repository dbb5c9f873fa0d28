namespace ServerlessTrace.Core.Spans;

/// <summary>
/// The ids of calls whose client and server halves have one id for both (B3 propagation's shared spans). Here every span has
/// its own id: the client's half keeps the shared one, the server's half gets one derived from it and is marked
/// <see cref="SpanFlags.SharedServer"/>. The derivation can be undone, so that whoever sees only the server's half still
/// knows which client's half it belongs to, in whatever order they arrive.
/// </summary>
internal static class SharedSpan
{
    // Any constant does: ids are random, so a derived one meets another as rarely as two others meet.
    private const ulong Difference = 0x5348_4152_4544_5356;

    /// <summary>The id of the server's half.</summary>
    public static SpanId ServerHalf(SpanId shared) => shared.Value == Difference ? shared : new SpanId(shared.Value ^ Difference);

    /// <summary>The shared id, which is the client's half's, from that of the server's half.</summary>
    public static SpanId ClientHalf(SpanId server) => ServerHalf(server);
}
