using System.Net;
using System.Net.Sockets;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Alerting.Webhooks;

/// <summary>
/// Opens connections to public addresses only. The name is looked up here, once, and the very address that was checked is connected to: a
/// name that means something else a moment later, or an odd spelling of an address, gets nobody any further.
/// </summary>
internal sealed class GuardedConnection(TargetPolicy policy)
{
    /// <exception cref="ForbiddenTargetException">The host has no address that may be called.</exception>
    /// <exception cref="SocketException">There is no such host, or it does not answer.</exception>
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        (string host, int port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] found = IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = policy.IsTrusted(host, port) ? found : [.. found.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            throw new ForbiddenTargetException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
