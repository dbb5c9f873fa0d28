using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;

namespace ServerlessTrace.Functions.Api.Links;

/// <summary>Where the service is reached from outside, for links that are made where no request is.</summary>
public sealed class ServiceAddress(LinkOptions options, IConfiguration configuration, IEnumerable<IServer> servers)
{
    // The port of "func start".
    private const string Fallback = "http://localhost:7071/";

    /// <summary>The address, with a slash at its end.</summary>
    public Uri Value => new(Find().TrimEnd('/') + "/");

    private string Find()
    {
        if (options.PublicUrl is { Length: > 0 } configured)
        {
            return configured;
        }

        if (configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } site)
        {
            return site.StartsWith("localhost", StringComparison.OrdinalIgnoreCase) || site.StartsWith("127.", StringComparison.Ordinal) ? "http://" + site : "https://" + site;
        }

        return servers.Select(server => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()).FirstOrDefault(address => address is not null) ?? Fallback;
    }
}
