namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>What a secret is changed to.</summary>
/// <param name="Secret">The new secret; a generated one where left out.</param>
/// <param name="OverlapHours">For how many hours the one before signs too; 24 where left out.</param>
internal sealed record SecretRequest(string? Secret, double? OverlapHours);
