namespace ServerlessTrace.Cli.Validation;

/// <summary>Something that span logs should do.</summary>
/// <param name="Name">Its name, such as <c>missing-parent</c>.</param>
/// <param name="Severity">How much it costs.</param>
/// <param name="Fix">What a sender does about it.</param>
internal sealed record Rule(string Name, Severity Severity, string Fix)
{
    public static readonly Rule Unreadable = new("unreadable", Severity.Error, "Send a format that the README lists, whole, in UTF-8.");
    public static readonly Rule Rejected = new("rejected", Severity.Error, "Mend what the reason says: the record is lost, the others are kept.");
    public static readonly Rule MissingService = new("missing-service", Severity.Warning, "Write the field 'service', the same in every record of the service: it is taken from the file's name otherwise.");
    public static readonly Rule NoReason = new("no-error-reason", Severity.Warning, "Write error_code or error_message, so that failures can be told apart.");
    public static readonly Rule NoEnd = new("no-span-end", Severity.Error, "Write span_end in a finally block, so that a span ends when its work fails, too.");
    public static readonly Rule NoStart = new("no-start", Severity.Error, "Write span_start, or start_time or duration_ms in span_end.");
    public static readonly Rule MissingParent = new("missing-parent", Severity.Error, "Log the parent, too: it is unsampled, its service is not collected, or the context was made up. Samplers must go by the parent's decision.");
    public static readonly Rule NotContinued = new("context-not-continued", Severity.Warning, "All spans of the service are roots while others call: read traceparent from requests and messages, and begin spans below it.");
    public static readonly Rule DuplicateSpan = new("duplicate-span-id", Severity.Error, "Make a new span id for each span; a retry is a span of its own.");
    public static readonly Rule CoarseTime = new("coarse-timestamps", Severity.Warning, "Write fractions of seconds: whole seconds neither order nor measure spans.");
    public static readonly Rule NoKind = new("no-span-kind", Severity.Warning, "Write span_kind: without SERVER, CLIENT, PRODUCER and CONSUMER no calls between services are seen.");
    public static readonly Rule NoBusinessId = new("no-business-ids", Severity.Warning, "Write business ids (order_id, user_id, …) as attributes or baggage, so that traces are found by what they are about.");
    public static readonly Rule NameHasId = new("id-in-span-name", Severity.Warning, "Put ids into attributes and routes into names: 'GET /orders/{id}'.");
    public static readonly Rule Secret = new("secret", Severity.Warning, "If it is one, change it and take it out of the logs: the service masks it, but everybody on the way has seen it.");
    public static readonly Rule BigBaggage = new("big-baggage", Severity.Warning, "Baggage goes with every call: keep to few short ids (64 members, 8,192 bytes at most).");
    public static readonly Rule NoEnvironment = new("no-environment", Severity.Warning, "Write the field 'environment', so that staging is not searched with production.");

    /// <summary>A trace's warning that no other rule repeats.</summary>
    /// <param name="kind">The warning's kind.</param>
    public static Rule OfWarning(string kind) => new(kind, Severity.Warning, "See the trace: its reports say the same.");
}
