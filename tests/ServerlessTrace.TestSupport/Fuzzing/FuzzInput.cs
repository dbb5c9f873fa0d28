using System.Text;

namespace ServerlessTrace.TestSupport.Fuzzing;

/// <summary>Makes one input out of the seeds. The same run and number always make the same one.</summary>
internal sealed class FuzzInput(FuzzCorpus corpus)
{
    private const int Longest = 16 << 10;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\r\n", "\r", " ", "null", "true", "-1", "0", "1e999", "-0.0", "99999999999999999999", "1e-5", "0x1", "\\u0000", "\\ud800",
            "\\ud83d\\ude00", "{}", "[]", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":", "\"\"", "\"trace_id\":", "\"span_id\":", "\"traceId\":", "\"id\":", "\"timestamp\":", "\"attributes\":{", "\"data\":[",
            "\"spans\":[", "\"processes\":{", "\"records\":[", "\"resourceSpans\":[", "\"log\":\"", "\"@st\":", "\"Type\":\"AppTraces\"", "\"OperationId\":\"|.\"", "00000000000000000000000000000000",
            "2026-02-30T25:61:61.999999999999Z", "1969-12-31T23:59:59Z", " stdout P ", " stderr F ", "\"_p\":\"P\"", "\"message\":\"{", "\"logEvents\":[", "\"rows\":[[", "\"columns\":[", "\"values\":[[",
            "\"stream\":", "\"hits\":{", "\"_source\":{", "\"Scopes\":[{", "\"dd\":{", "\"jsonPayload\":{", " trace_id=0af7651916cd43dd8448eb211c80319c ", "\"low\":", "/*", "//", "NaN", "\u2028", "\ufeff",
            "{\"low\":-1,\"high\":1}", "\"batches\":[", "\"trace\":{", "\"_source\":{", "\"hits\":{", "\"binaryAnnotations\":[", "\"endpoint\":{", "\"value\":\"cs\"", "\"SpanContext\":{", "\"context\":{", "undefined", "'",
            "\nActivity.TraceId: ", "\n    ", "{\n  resource: {", "\"trace_id\":\"1-58406520-a006649127e371903a2de979\"", "\"subsegments\":[", "\"Document\":\"{", "\"meta\":{", "\"transaction\":{", "\"baseType\":\"RequestData\"",
            "\"baseData\":{", "-5", "18446744073709551615", "0000000000000000", "0001-01-01T00:00:00Z",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xFF, 0xFE], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x7F, 0xFF, 0xFF, 0xFF], [0x0A, 0x00],
    ];

    private readonly byte[] _bytes = new byte[2 * Longest];
    private int _length;
    private Random _random = new(0);

    /// <summary>The input's bytes, valid until the next one is made.</summary>
    public ReadOnlyMemory<byte> Make(int run, long number, out Random random)
    {
        ulong seed = (((ulong)(uint)run << 40) ^ (ulong)number) * 0x9E3779B97F4A7C15;
        random = _random = new Random((int)((seed ^ (seed >> 29)) & int.MaxValue));
        int choice = _random.Next(16);
        Take(choice == 0 ? Pick(corpus.Compressed) : Pick(corpus.Plain));
        for (int mutations = _random.Next(7); mutations > 0; mutations--)
        {
            Mutate();
        }

        if (choice == 1)
        {
            Take(FuzzCorpus.Compress(_bytes.AsSpan(0, _length), _random.Next(3)));
            if (_random.Next(2) == 0)
            {
                Mutate();
            }
        }

        return _bytes.AsMemory(0, _length);
    }

    private byte[] Pick(List<byte[]> seeds) => seeds[_random.Next(seeds.Count)];

    private void Take(ReadOnlySpan<byte> content)
    {
        _length = Math.Min(content.Length, Longest);
        content[.._length].CopyTo(_bytes);
    }

    private void Mutate()
    {
        int at = _random.Next(_length + 1);
        int length = Math.Min(1 + _random.Next(_random.Next(4) == 0 ? 400 : 12), _length - at);
        switch (_random.Next(12))
        {
            case 0 when at < _length:
                _bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < _length:
                _bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                Delete(at, length);
                break;
            case 3:
                _length = at;
                break;
            case 4:
                Insert(at, _bytes.AsSpan(at, length).ToArray());
                break;
            case 5:
                // Something again and again: depth, length, many records.
                byte[] repeated = length > 0 ? _bytes.AsSpan(at, length).ToArray() : [(byte)'{'];
                for (int times = _random.Next(1 + (3000 / repeated.Length)); times > 0; times--)
                {
                    Insert(at, repeated);
                }

                break;
            case 6:
                byte[] other = Pick(_random.Next(8) == 0 ? corpus.Compressed : corpus.Plain);
                int from = _random.Next(other.Length);
                Insert(at, other.AsSpan(from, _random.Next(other.Length - from)));
                break;
            case 7:
                int to = _random.Next(_length + 1);
                byte[] moved = _bytes.AsSpan(at, length).ToArray();
                Delete(at, length);
                Insert(Math.Min(to, _length), moved);
                break;
            default:
                byte[] token = Tokens[_random.Next(Tokens.Length)];
                if (_random.Next(2) == 0)
                {
                    Delete(at, Math.Min(token.Length, _length - at));
                }

                Insert(at, token);
                break;
        }
    }

    private void Delete(int at, int length)
    {
        _bytes.AsSpan(at + length, _length - at - length).CopyTo(_bytes.AsSpan(at));
        _length -= length;
    }

    private void Insert(int at, ReadOnlySpan<byte> content)
    {
        content = content[..Math.Min(content.Length, Longest - _length)];
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + content.Length));
        content.CopyTo(_bytes.AsSpan(at));
        _length += content.Length;
    }
}
