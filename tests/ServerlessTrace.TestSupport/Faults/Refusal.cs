using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azure;
using Azure.Core;

namespace ServerlessTrace.TestSupport.Faults;

/// <summary>What table storage answers where someone else was faster.</summary>
internal sealed class Refusal : Response
{
    private const string Changed = """{"odata.error":{"code":"UpdateConditionNotSatisfied","message":{"lang":"en-US","value":"0:The update condition was not satisfied."}}}""";
    private const string Exists = """{"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"0:The specified entity already exists."}}}""";

    private readonly int _status;
    private readonly HttpHeader _contentType;

    private Refusal(int status, string contentType, string content)
    {
        _status = status;
        _contentType = new HttpHeader("Content-Type", contentType);
        ContentStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
    }

    /// <inheritdoc/>
    public override int Status => _status;

    /// <inheritdoc/>
    public override string ReasonPhrase => _status == 202 ? "Accepted" : "Refused";

    /// <inheritdoc/>
    public override Stream? ContentStream { get; set; }

    /// <inheritdoc/>
    public override string ClientRequestId { get; set; } = string.Empty;

    /// <summary>The refusal of a change, or else of an insertion; in a transaction, because of its first row.</summary>
    public static Refusal Of(bool isTransaction, bool isChange)
    {
        (int status, string error) = isChange ? (412, Changed) : (409, Exists);
        return isTransaction
            ? new Refusal(
                202,
                "multipart/mixed; boundary=batch",
                "--batch\r\nContent-Type: multipart/mixed; boundary=changes\r\n\r\n--changes\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
                + $"HTTP/1.1 {status} Refused\r\nContent-Type: application/json\r\n\r\n{error}\r\n--changes--\r\n--batch--\r\n")
            : new Refusal(status, "application/json", error);
    }

    /// <inheritdoc/>
    public override void Dispose() => ContentStream?.Dispose();

    /// <inheritdoc/>
    protected override bool ContainsHeader(string name) => string.Equals(name, _contentType.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override IEnumerable<HttpHeader> EnumerateHeaders() => [_contentType];

    /// <inheritdoc/>
    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = ContainsHeader(name) ? _contentType.Value : null;
        return value is not null;
    }

    /// <inheritdoc/>
    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = ContainsHeader(name) ? [_contentType.Value] : null;
        return values is not null;
    }
}
