using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Otlp;

/// <summary>Writes OTLP messages member by member: the same calls make JSON, or protobuf.</summary>
internal abstract class OtlpEncoder
{
    /// <summary>Begins a message that is the only one of its member.</summary>
    public abstract void BeginMessage(OtlpMember member);

    /// <summary>Begins a message in a list, which <see cref="BeginList"/> began.</summary>
    public abstract void BeginItem(OtlpMember list);

    /// <summary>Ends the message that was begun last.</summary>
    public abstract void EndMessage();

    /// <summary>Begins a list of messages.</summary>
    public abstract void BeginList(OtlpMember member);

    /// <summary>Ends the list that was begun last.</summary>
    public abstract void EndList();

    /// <summary>A text in UTF-8; what is none in it is replaced.</summary>
    public abstract void Text(OtlpMember member, ReadOnlySpan<byte> utf8);

    /// <summary>Bytes, given as base64.</summary>
    public abstract void Bytes(OtlpMember member, ReadOnlySpan<byte> base64);

    /// <summary>A trace's id.</summary>
    public abstract void Id(OtlpMember member, TraceId id);

    /// <summary>A span's id.</summary>
    public abstract void Id(OtlpMember member, SpanId id);

    /// <summary>A time, in ns since 1970 UTC.</summary>
    public abstract void Time(OtlpMember member, long unixNano);

    /// <summary>An integer.</summary>
    public abstract void Integer(OtlpMember member, long value);

    /// <summary>A floating-point number.</summary>
    public abstract void Number(OtlpMember member, double value);

    /// <summary>A truth value.</summary>
    public abstract void Bool(OtlpMember member, bool value);

    /// <summary>A value of an enumeration.</summary>
    public abstract void Enumeration(OtlpMember member, int value);

    /// <summary>Hands on what was written once it is much.</summary>
    public virtual void FlushIfFull()
    {
    }
}
