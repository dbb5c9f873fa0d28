using System.Buffers.Binary;
using System.Text;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// How a group of bodies is stored: a version byte, then a frame a body: kind, coding, the length of its source's name in
/// two bytes, the name in UTF-8, the length of the body in four bytes, the body. Numbers are little-endian.
/// </summary>
internal static class PostedGroup
{
    private const byte Version = 1;
    private const int FrameHead = 1 + 1 + sizeof(ushort) + sizeof(int);

    /// <summary>A group's length before its first frame.</summary>
    public const int Head = 1;

    /// <summary>How long a body's frame is.</summary>
    public static int FrameLength(in PostedBody body) => FrameHead + Encoding.UTF8.GetByteCount(body.Source) + body.Content.Length;

    /// <summary>The bytes of a group.</summary>
    public static byte[] Write(IReadOnlyList<PostedBody> bodies)
    {
        int length = Head;
        foreach (PostedBody body in bodies)
        {
            length += FrameLength(body);
        }

        byte[] group = new byte[length];
        group[0] = Version;
        Span<byte> rest = group.AsSpan(Head);
        foreach (PostedBody body in bodies)
        {
            rest[0] = (byte)body.Kind;
            rest[1] = (byte)body.Coding;
            int name = Encoding.UTF8.GetBytes(body.Source, rest[4..]);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], checked((ushort)name));
            rest = rest[(4 + name)..];
            BinaryPrimitives.WriteInt32LittleEndian(rest, body.Content.Length);
            body.Content.Span.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + body.Content.Length)..];
        }

        return group;
    }

    /// <summary>The bodies of a group, in order; they lie in the given bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are no group that this version reads.</exception>
    public static List<PostedBody> Read(ReadOnlyMemory<byte> group)
    {
        if (group.IsEmpty || group.Span[0] != Version)
        {
            throw new InvalidDataException("The group was written by a later version, or is none.");
        }

        var bodies = new List<PostedBody>();
        try
        {
            for (ReadOnlyMemory<byte> rest = group[Head..]; !rest.IsEmpty;)
            {
                ReadOnlySpan<byte> head = rest.Span;
                int name = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
                int length = BinaryPrimitives.ReadInt32LittleEndian(head[(4 + name)..]);
                bodies.Add(new PostedBody(
                    (PostedKind)head[0], (BodyCoding)head[1], Encoding.UTF8.GetString(head.Slice(4, name)), rest.Slice(FrameHead + name, length)));
                rest = rest[(FrameHead + name + length)..];
            }
        }
        catch (ArgumentOutOfRangeException cut)
        {
            throw new InvalidDataException("The group is cut off.", cut);
        }

        return bodies;
    }
}
