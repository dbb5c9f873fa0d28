using System.Net;
using System.Net.Sockets;
using ServerlessTrace.Core.Alerting.Webhooks;
using ServerlessTrace.Functions.Alerting.Webhooks;

namespace ServerlessTrace.Functions.Tests.Alerting;

/// <summary>Ways to write an address that must not be called. Something listens at each that leads to this machine, and is never reached.</summary>
public sealed class ForbiddenTargetTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
    private readonly WebhookSender _sender = new(new WebhookOptions { Timeout = TimeSpan.FromSeconds(30) }, new TargetPolicy([]), TimeProvider.System);

    public ForbiddenTargetTests() => _listener.Start();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0X7F000001")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0x7f.0x0.0x0.0x1")]
    [InlineData("0x7f.1")]
    [InlineData("017700000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0177.0.0.01")]
    [InlineData("0177.1")]
    [InlineData("00000177.0000.0000.00001")]
    [InlineData("127.0x0.01")]
    [InlineData("%31%32%37.0.0.1")]
    [InlineData("127。0。0。1")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("loc%61lhost")]
    [InlineData("[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[0000:0000:0000:0000:0000:0000:0000:0001]")]
    [InlineData("[::]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::FFFF:7F00:0001]")]
    [InlineData("[0:0:0:0:0:ffff:127.0.0.1]")]
    [InlineData("[::ffff:0:127.0.0.1]")]
    [InlineData("[64:ff9b::127.0.0.1]")]
    [InlineData("[64:ff9b:1::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[2001:0:7f00:1::]")]
    [InlineData("[fe80::1%25lo]")]
    [InlineData("[fe80::1]")]
    [InlineData("[fc00::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("169.254.169.254")]
    [InlineData("2852039166")]
    [InlineData("0xa9fea9fe")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("169.254.43518")]
    [InlineData("[::ffff:a9fe:a9fe]")]
    [InlineData("168.63.129.16")]
    [InlineData("10.0.0.1")]
    [InlineData("167772161")]
    [InlineData("012.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1")]
    [InlineData("0xc0a80101")]
    [InlineData("100.64.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public async Task Nothing_inside_the_network_is_called_however_its_address_is_written(string host)
    {
        DeliveryAttempt? attempt = await SendAsync($"https://{host}:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        Assert.False(_listener.Pending());
        if (attempt is not null)
        {
            Assert.Null(attempt.Status);
            Assert.Contains("has no public address", attempt.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Some systems take these for loopback, others know no such name.</summary>
    [Theory]
    [InlineData("127.0.0.1.")]
    [InlineData("１２７.０.０.１")]
    [InlineData("①②⑦.⓪.⓪.①")]
    [InlineData("localhost.")]
    [InlineData("ｌｏｃａｌｈｏｓｔ")]
    [InlineData("loc\u00adalhost")]
    [InlineData("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ")]
    [InlineData("xn--localhost-9n3g")]
    public async Task Nor_however_a_name_is_disguised(string host)
    {
        DeliveryAttempt? attempt = await SendAsync($"https://{host}:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        Assert.False(_listener.Pending());
        Assert.Null(attempt?.Status);
    }

    [Fact]
    public async Task A_name_that_leads_into_the_network_is_not_called()
    {
        string name = Dns.GetHostName();
        Assert.DoesNotContain(await Dns.GetHostAddressesAsync(name), PublicAddress.Is);

        DeliveryAttempt? attempt = await SendAsync($"https://{name}:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

        Assert.False(_listener.Pending());
        Assert.Contains("has no public address", attempt!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_no_longer_allowed_is_no_longer_called()
    {
        DeliveryAttempt? attempt = await SendAsync($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/", isChecked: false);

        Assert.False(_listener.Pending());
        Assert.Contains("HTTPS", attempt!.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _listener.Dispose();
    }

    /// <summary>Sends to a URL; null where it is refused even as a subscription.</summary>
    private async Task<DeliveryAttempt?> SendAsync(string text, bool isChecked = true)
    {
        if (isChecked && new TargetPolicy([]).Check(text, out _) is not null)
        {
            return null;
        }

        var message = new WebhookMessage("msg_1", "application/json", "{}"u8.ToArray(), [WebhookSecret.Generate()]);
        return (await _sender.SendAsync(new Uri(text), message, CancellationToken.None)).Attempt;
    }
}
