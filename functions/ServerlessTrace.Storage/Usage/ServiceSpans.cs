namespace ServerlessTrace.Storage.Usage;

/// <summary>How many span parts a service sent.</summary>
/// <param name="Service">The service; empty for all that are not listed by name.</param>
/// <param name="Spans">Span parts.</param>
public sealed record ServiceSpans(string Service, long Spans);
