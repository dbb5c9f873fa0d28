namespace ServerlessTrace.Core.Privacy;

/// <summary>What attributes, headers, parameters and settings are called whose values are secrets.</summary>
internal static class WellKnownNames
{
    /// <summary>Names of secrets, told by their last words.</summary>
    public static readonly NameWords Secrets = new(
    [
        "authorization", "cookie", "set-cookie", "password", "passwords", "passwd", "pwd", "passphrase", "password_hash",
        "secret", "secrets", "token", "jwt", "credential", "credentials", "connection_string", "card_number", "cvv", "cvc",
        "api_key", "access_key", "account_key", "secret_key", "private_key", "master_key", "signing_key", "encryption_key",
        "functions_key", "host_key", "subscription_key", "storage_key", "auth_key", "sig", "sas",
    ]);

    /// <summary>Names that end like secrets and are none: cursors of pages, and what a program calls its cancellation.</summary>
    public static readonly NameWords Harmless = new(
        ["page_token", "next_token", "continuation_token", "sync_token", "resume_token", "cancellation_token", "unexpected_token", "invalid_token"]);

    /// <summary>Names whose values go on to the end of the line, as those of HTTP headers do.</summary>
    public static readonly NameWords Headers = new(["authorization", "cookie", "set-cookie"]);
}
