namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>A host has no address that webhooks may be sent to.</summary>
/// <param name="host">The host.</param>
internal sealed class ForbiddenTargetException(string host)
    : Exception($"{host} has no public address. The operator can allow a host by the setting Webhooks:AllowedHosts.");
