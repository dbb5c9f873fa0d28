using System.Text;
using Google.Protobuf;

namespace ServerlessTrace.EndToEnd.Tests.Support;

/// <summary>Walks a protobuf message by field numbers, without its schema.</summary>
internal static class ProtobufFields
{
    /// <summary>The messages, texts or bytes at a path of field numbers.</summary>
    public static IEnumerable<byte[]> At(byte[] message, params int[] path)
    {
        if (path.Length == 0)
        {
            yield return message;
            yield break;
        }

        foreach (byte[] field in FieldsOf(message, path[0]))
        {
            foreach (byte[] found in At(field, path[1..]))
            {
                yield return found;
            }
        }
    }

    public static IEnumerable<string> TextsAt(byte[] message, params int[] path) => At(message, path).Select(Encoding.UTF8.GetString);

    private static List<byte[]> FieldsOf(byte[] message, int number)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == number && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                found.Add(input.ReadBytes().ToByteArray());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }
}
