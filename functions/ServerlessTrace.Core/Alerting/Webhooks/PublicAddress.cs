using System.Net;
using System.Net.Sockets;

namespace ServerlessTrace.Core.Alerting.Webhooks;

/// <summary>
/// Tells addresses of the public internet from all others: this machine, private networks, cloud metadata, and those that stand for an
/// IPv4 address inside an IPv6 one. From the registries of special-purpose addresses (RFC 6890 and successors).
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] ReservedIPv4 = Networks(
        "0.0.0.0/8", // this network
        "10.0.0.0/8", // private
        "100.64.0.0/10", // carriers' NAT
        "127.0.0.0/8", // loopback
        "168.63.129.16/32", // Azure's own services for a virtual machine
        "169.254.0.0/16", // link-local, cloud metadata
        "172.16.0.0/12", // private
        "192.0.0.0/24", // protocol assignments
        "192.0.2.0/24", // documentation
        "192.31.196.0/24", // AS112
        "192.52.193.0/24", // AMT
        "192.88.99.0/24", // 6to4 relays
        "192.168.0.0/16", // private
        "192.175.48.0/24", // AS112
        "198.18.0.0/15", // benchmarks
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "224.0.0.0/4", // multicast
        "240.0.0.0/4"); // reserved, broadcast

    /// <summary>
    /// The only part of IPv6 that is routed. Loopback, link-local, unique-local, site-local, multicast, IPv4-mapped and -compatible
    /// addresses and NAT64 (<c>64:ff9b::/96</c>) lie outside.
    /// </summary>
    private static readonly IPNetwork GlobalIPv6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ReservedIPv6 = Networks(
        "2001::/23", // protocol assignments: Teredo, ORCHID, AMT
        "2001:db8::/32", // documentation
        "2002::/16", // 6to4
        "2620:4f:8000::/48", // AS112
        "3fff::/20"); // documentation

    /// <summary>Whether an address may be called on behalf of somebody who names it from outside.</summary>
    public static bool Is(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Contains(ReservedIPv4, address),
            AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6 && address.ScopeId == 0 && GlobalIPv6.Contains(address) && !Contains(ReservedIPv6, address),
            _ => false,
        };
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];

    private static bool Contains(IPNetwork[] networks, IPAddress address) => Array.Exists(networks, network => network.Contains(address));
}
