using System.Buffers.Binary;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// Tells OTLP in protobuf from other content. Protobuf has no magic number, so the lengths of a message, resource group and
/// scope group must fit into each other, and a record with the fields of a span or log record must be found in them. The
/// tags on the way to it are control characters that no text has, so text is never taken for it.
/// </summary>
internal static unsafe class OtlpProtobufDetection
{
    private const uint Group = (1 << 3) | 2;
    private const uint Resource = (1 << 3) | 2;
    private const uint ScopeGroup = (2 << 3) | 2;
    private const uint OldScopeGroup = (1000 << 3) | 2;
    private const uint Schema = (3 << 3) | 2;
    private const uint Scope = (1 << 3) | 2;
    private const uint Record = (2 << 3) | 2;

    /// <summary>Whether content begins with a message, or with the length of one and the message.</summary>
    /// <param name="prefix">The content's beginning, followed by readable slack.</param>
    public static bool IsOtlp(ReadOnlySpan<byte> prefix)
    {
        if (prefix.IsEmpty || prefix.IndexOfAnyExcept((byte)0) < 0)
        {
            return false;
        }

        fixed (byte* start = prefix)
        {
            return IsFrames(start, start + prefix.Length) || IsMessage(start, start + prefix.Length, long.MaxValue, separated: true);
        }
    }

    /// <summary>Whether content that is OTLP has each message's length before it.</summary>
    public static bool IsFramed(ReadOnlySpan<byte> prefix)
    {
        if (prefix.IsEmpty || prefix[0] != Group)
        {
            return true;
        }

        // Only a message of 160 MiB has a length that begins like a message.
        fixed (byte* start = prefix)
        {
            return !IsMessage(start, start + prefix.Length, long.MaxValue, separated: true) && IsFrames(start, start + prefix.Length);
        }
    }

    /// <summary>Whether bytes are the fields of a resource group and nothing else.</summary>
    public static bool IsGroup(byte* start, byte* end)
    {
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            if (fields.Tag is not (Resource or ScopeGroup or Schema))
            {
                return false;
            }
        }

        return fields.Fault is null;
    }

    /// <summary>What kind of record bytes are, going by the fields and types that only one kind has.</summary>
    public static OtlpSignal SignalOf(byte* start, byte* end) => SignalOf(new ProtobufFields(start, end), out _);

    private static OtlpSignal SignalOf(ProtobufFields fields, out bool certain)
    {
        bool named = false;
        bool traceFirst = false;
        bool spanSecond = false;
        bool traceNinth = false;
        certain = true;
        while (fields.Next())
        {
            switch (fields.Tag)
            {
                case (1 << 3) | 1 or (11 << 3) | 1 or (2 << 3) | 0:
                    // A time, an observed time, a severity.
                    return OtlpSignal.Logs;
                case (7 << 3) | 1 or (8 << 3) | 1:
                    // A start, an end.
                    return OtlpSignal.Traces;
                case (1 << 3) | 2:
                    named = true;
                    traceFirst = fields.Length == 16;
                    break;
                case (2 << 3) | 2:
                    spanSecond = fields.Length == 8;
                    break;
                case (9 << 3) | 2:
                    traceNinth = fields.Length == 16;
                    break;
            }
        }

        certain = (traceFirst && spanSecond) || (!named && traceNinth);
        return traceFirst && spanSecond ? OtlpSignal.Traces
            : named ? (traceFirst ? OtlpSignal.Traces : OtlpSignal.Metrics)
            : OtlpSignal.Logs;
    }

    private static bool IsFrames(byte* at, byte* end)
    {
        while (end - at > 4)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(at, 4));
            at += 4;
            if (length == 0)
            {
                continue;
            }

            if (length > int.MaxValue || *at != Group)
            {
                return false;
            }

            if (IsMessage(at, end, length, separated: false))
            {
                return true;
            }

            // A message without records is followed by another one, or it is none.
            if (length > end - at || !IsEmptyMessage(at, at + length))
            {
                return false;
            }

            at += length;
        }

        return false;
    }

    private static bool IsEmptyMessage(byte* start, byte* end)
    {
        ProtobufFields fields = new(start, end);
        while (fields.Next())
        {
            if (fields.Tag != Group || !IsGroup(fields.Start, fields.Start + fields.Length))
            {
                return false;
            }
        }

        return fields.Fault is null;
    }

    /// <summary>Whether a message of a known length begins here that holds a span or log record in what is there of it.</summary>
    private static bool IsMessage(byte* at, byte* end, long length, bool separated)
    {
        byte* start = at;
        while (at < end && at - start < length)
        {
            if (separated && *at == Group && at + 1 < end && at[1] == Group && !(end - at >= 2 + Group && IsGroup(at + 2, at + 2 + Group)))
            {
                at++;
                continue;
            }

            byte* value = ReadHeader(at, end, out uint tag, out long size);
            if (value is null || tag != Group || size > length - (value - start))
            {
                return false;
            }

            bool? found = FindRecord(value, end, size, isScope: false);
            if (found is not null)
            {
                return found.Value;
            }

            at = value + size;
        }

        return false;
    }

    /// <summary>Looks for a record in a resource or scope group: null if it is a group without one, false if it is no such group.</summary>
    private static bool? FindRecord(byte* at, byte* end, long length, bool isScope)
    {
        byte* start = at;
        while (at < end && at - start < length)
        {
            byte* value = ReadHeader(at, end, out uint tag, out long size);
            if (value is null || size > length - (value - start))
            {
                return false;
            }

            if (isScope ? tag is not (Scope or Record or Schema) : tag is not (Resource or ScopeGroup or OldScopeGroup or Schema))
            {
                return false;
            }

            if (!isScope && tag is ScopeGroup or OldScopeGroup && FindRecord(value, end, size, isScope: true) is { } found)
            {
                return found;
            }

            if (isScope && tag == Record && IsRecord(value, size < end - value ? value + size : end))
            {
                return true;
            }

            if (size > end - value)
            {
                return false;
            }

            at = value + size;
        }

        return at - start < length ? false : null;
    }

    private static bool IsRecord(byte* start, byte* end) => SignalOf(new ProtobufFields(start, end), out bool certain) != OtlpSignal.Metrics && certain;

    private static byte* ReadHeader(byte* at, byte* end, out uint tag, out long length)
    {
        length = 0;
        byte* value = ProtobufFields.ReadVarint(at, end, out ulong wide);
        tag = wide > uint.MaxValue ? 0 : (uint)wide;
        if (value is null || (tag & 7) != 2)
        {
            return null;
        }

        value = ProtobufFields.ReadVarint(value, end, out wide);
        length = wide > int.MaxValue ? long.MaxValue : (long)wide;
        return value;
    }
}
