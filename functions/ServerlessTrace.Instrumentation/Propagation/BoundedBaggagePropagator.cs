using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.Propagation;

/// <summary>
/// OpenTelemetry's baggage propagator within the limits of W3C Baggage (3.3.2: 64 members, 8,192 bytes). A header that is over them is
/// read as far as they go, where OpenTelemetry drops it whole; what is written never is over them, and business ids come first.
/// </summary>
/// <param name="ids">The business ids.</param>
/// <param name="onlyIds">Whether nothing but business ids leaves the process: for receivers outside the house.</param>
public sealed class BoundedBaggagePropagator(BusinessIds ids, bool onlyIds = false) : TextMapPropagator
{
    /// <summary>Members of a <c>baggage</c> header.</summary>
    public const int MaxMembers = 64;

    /// <summary>Bytes of a <c>baggage</c> header.</summary>
    public const int MaxBytes = 8_192;

    private readonly BaggagePropagator _baggage = new();

    /// <inheritdoc/>
    public override ISet<string> Fields => _baggage.Fields;

    /// <inheritdoc/>
    public override PropagationContext Extract<T>(PropagationContext context, T carrier, Func<T, string, IEnumerable<string>?> getter)
    {
        ArgumentNullException.ThrowIfNull(getter);
        return getter(carrier, ContextHeaders.Baggage) is { } headers
            ? _baggage.Extract(context, Cut(headers), static (header, name) => name == ContextHeaders.Baggage ? [header] : null)
            : context;
    }

    /// <inheritdoc/>
    public override void Inject<T>(PropagationContext context, T carrier, Action<T, string, string> setter)
    {
        if (context.Baggage.Count > 0)
        {
            _baggage.Inject(new PropagationContext(context.ActivityContext, Bounded(context.Baggage)), carrier, setter);
        }
    }

    /// <summary>The members of several headers that fit, as one header. A member that does not fit is passed over whole: half an id is another id.</summary>
    private static string Cut(IEnumerable<string> headers)
    {
        var kept = new StringBuilder();
        int members = 0;
        foreach (string header in headers)
        {
            foreach (Range range in header.AsSpan().Split(','))
            {
                ReadOnlySpan<char> member = header.AsSpan(range).Trim();
                if (!member.IsEmpty && members < MaxMembers && kept.Length + member.Length + 1 <= MaxBytes)
                {
                    kept.Append(CultureInfo.InvariantCulture, $"{(members++ == 0 ? string.Empty : ",")}{member}");
                }
            }
        }

        return kept.ToString();
    }

    private Baggage Bounded(Baggage baggage)
    {
        int length = 0;
        bool isBounded = !onlyIds && baggage.Count <= MaxMembers;
        foreach ((string key, string value) in baggage.GetBaggage())
        {
            length += WrittenLength(key, value);
        }

        return isBounded && length <= MaxBytes ? baggage : Fitting(baggage);
    }

    private Baggage Fitting(Baggage baggage)
    {
        var kept = new Dictionary<string, string>();
        int length = 0;
        foreach ((string key, string value) in baggage.GetBaggage().OrderByDescending(entry => ids.Allows(entry.Key)))
        {
            int more = WrittenLength(key, value);
            if (kept.Count < MaxMembers && length + more <= MaxBytes && (!onlyIds || ids.Allows(key)))
            {
                kept.Add(key, value);
                length += more;
            }
        }

        return Baggage.Create(kept);
    }

    /// <summary>With the characters before and after, percent-encoded.</summary>
    private static int WrittenLength(string key, string value) => key.Length + Uri.EscapeDataString(value).Length + 2;
}
