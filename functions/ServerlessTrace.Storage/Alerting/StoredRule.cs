using Azure;
using ServerlessTrace.Core.Alerting.Rules;

namespace ServerlessTrace.Storage.Alerting;

/// <summary>A rule as stored.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="ETag">Its version.</param>
public sealed record StoredRule(AlertRule Rule, ETag ETag);
