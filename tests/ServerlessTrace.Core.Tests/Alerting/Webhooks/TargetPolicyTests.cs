using System.Net;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Core.Tests.Alerting.Webhooks;

public class TargetPolicyTests
{
    private static readonly TargetPolicy Strict = new([]);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::a9fe:a9fe")]
    [InlineData("100::1")]
    [InlineData("2001::7f00:1")]
    [InlineData("2001:0:a9fe:a9fe::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a9fe:a9fe::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Addresses_inside_a_network_are_not_public(string address) => Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("168.63.129.17")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    public void Addresses_of_the_internet_are_public(string address) => Assert.True(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://hooks.example.com/services/a?b=c")]
    [InlineData("https://hooks.example.com:8443/")]
    [InlineData("https://hooks.example.com:443/")]
    [InlineData("https://[2606:4700::1111]/")]
    public void Https_on_a_web_port_is_a_target(string url)
    {
        Assert.Null(Strict.Check(url, out Uri? target));
        Assert.Equal(url, target!.OriginalString);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hooks.example.com")]
    [InlineData("/etc/passwd")]
    [InlineData("http://hooks.example.com/")]
    [InlineData("ftp://hooks.example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://hooks.example.com/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user@hooks.example.com/")]
    [InlineData("https://user:password@hooks.example.com/")]
    [InlineData("https://public.example@127.0.0.1/")]
    [InlineData("https://hooks.example.com/#fragment")]
    [InlineData("https://hooks.example.com/#")]
    [InlineData("https://hooks.example.com\\@127.0.0.1/")]
    [InlineData("https://hooks.example.com:22/")]
    [InlineData("https://hooks.example.com:25/")]
    [InlineData("https://hooks.example.com:80/")]
    [InlineData("https://hooks.example.com:6379/")]
    [InlineData("https://hooks.example.com:0/")]
    public void Anything_else_is_none(string? url)
    {
        Assert.NotNull(Strict.Check(url, out Uri? target));
        Assert.Null(target);
    }

    [Fact]
    public void A_url_that_is_too_long_is_no_target() => Assert.NotNull(Strict.Check("https://hooks.example.com/" + new string('a', 2_048), out _));

    [Theory]
    [InlineData("localhost", "http://localhost:5000/a", true)]
    [InlineData("LocalHost", "http://LOCALHOST:25/a", true)]
    [InlineData("localhost:5000", "http://localhost:5000/a", true)]
    [InlineData("localhost:5000", "http://localhost:5001/a", false)]
    [InlineData("::1", "http://[::1]:5000/a", true)]
    [InlineData("10.0.0.5", "http://10.0.0.50/", false)]
    [InlineData("example.com", "http://evil-example.com/", false)]
    [InlineData("example.com", "http://sub.example.com/", false)]
    public void A_trusted_host_may_be_called_in_any_way_and_no_other_host(string trusted, string url, bool isTarget) =>
        Assert.Equal(isTarget, new TargetPolicy([trusted]).Check(url, out _) is null);
}
