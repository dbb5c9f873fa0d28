using System.Globalization;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Sampling;

/// <summary>How a trace was sampled before it came in.</summary>
/// <param name="Probability">The probability; 1 where nothing says otherwise.</param>
/// <param name="Randomness">
/// The 56 random bits that decided, where the decision was consistent (OpenTelemetry "TraceState: Probability Sampling"): whoever decides by them
/// again keeps a subset. Null where they are not known.
/// </param>
/// <param name="IsForced">Whether the sender wants it kept whatever it costs (the debug flag of B3).</param>
internal readonly record struct HeadSampling(double Probability, ulong? Randomness, bool IsForced)
{
    private const int RandomBits = 56;
    private const int RandomDigits = 14;
    private const double LowestProbability = 0.000_001;

    private static readonly byte[][] Probabilities = [[.. "sampling.probability"u8], [.. "sampling.ratio"u8], [.. "sampling_probability"u8], [.. "sample_rate"u8], [.. "SampleRate"u8], [.. "itemCount"u8]];

    /// <summary>What a trace's root says, or its first span.</summary>
    public static HeadSampling Of(Trace trace)
    {
        if (trace.SpanCount == 0)
        {
            return new HeadSampling(1, null, false);
        }

        ref readonly SpanRecord span = ref trace[Math.Max(0, trace.Root)];
        SpanBatch batch = trace.Batch;
        bool isForced = false;
        double probability = 1;
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in span))
        {
            ReadOnlySpan<byte> key = batch.Strings[attribute.Key];
            isForced |= attribute is { Kind: AttributeKind.Bool, Bits: 1 } && key.SequenceEqual("zipkin.debug"u8);
            foreach (byte[] name in Probabilities)
            {
                if (key.SequenceEqual(name))
                {
                    probability = ProbabilityOf(batch, in attribute);
                }
            }
        }

        return span.TraceState != 0 && TryThreshold(batch.Text(span.TraceState), out double consistent, out ulong? randomness)
            ? new HeadSampling(consistent, randomness ?? (trace.Id.Low & ((1UL << RandomBits) - 1)), isForced)
            : new HeadSampling(probability, null, isForced);
    }

    /// <summary>A probability, or of how many one was kept.</summary>
    private static double ProbabilityOf(SpanBatch batch, in SpanAttribute attribute)
    {
        double value = attribute.Kind switch
        {
            AttributeKind.Int64 => attribute.Bits,
            AttributeKind.Double => attribute.Number,
            AttributeKind.String when double.TryParse(batch.Text(attribute.Text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            _ => 1,
        };
        return double.IsFinite(value) && value > 0 ? Math.Clamp(value > 1 ? 1 / value : value, LowestProbability, 1) : 1;
    }

    /// <summary>The <c>th</c> and <c>rv</c> of the entry <c>ot</c>: hexadecimal digits, of which trailing zeros may be left out of <c>th</c>.</summary>
    private static bool TryThreshold(string traceState, out double probability, out ulong? randomness)
    {
        (probability, randomness) = (1, null);
        bool found = false;
        foreach (string entry in traceState.Split(','))
        {
            string member = entry.Trim();
            if (!member.StartsWith("ot=", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (string field in member[3..].Split(';'))
            {
                if (field.StartsWith("th:", StringComparison.Ordinal) && TryHex(field[3..].PadRight(RandomDigits, '0'), out ulong threshold))
                {
                    probability = Math.Max(1 - (threshold / (double)(1UL << RandomBits)), LowestProbability);
                    found = true;
                }
                else if (field.StartsWith("rv:", StringComparison.Ordinal) && TryHex(field[3..], out ulong random))
                {
                    randomness = random;
                }
            }
        }

        return found;
    }

    private static bool TryHex(string digits, out ulong value)
    {
        value = 0;
        return digits.Length == RandomDigits && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
