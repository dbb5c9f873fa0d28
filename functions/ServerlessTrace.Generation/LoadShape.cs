namespace ServerlessTrace.Generation;

/// <summary>What generated load looks like.</summary>
public enum LoadShape
{
    /// <summary>
    /// Like a shop's services: 1 to about 250 spans a trace, calls nested and in parallel, retries, messages, a few percent of errors;
    /// a <c>span_start</c>, a <c>span_end</c> and perhaps a <c>span_event</c> record a span.
    /// </summary>
    Realistic = 0,

    /// <summary>
    /// What every benchmark measures with: exactly 10 spans a trace, random ids, one complete record (a <c>span_end</c> with its duration)
    /// of at least 900 bytes a span, over ten attributes each. Three of them differ in every span (<c>request_id</c>, <c>url.full</c>,
    /// <c>network.peer.address</c>), four more in every trace (<c>order_id</c>, <c>user_id</c>, <c>transaction_id</c>, <c>amount</c>).
    /// </summary>
    Benchmark = 1,
}
