using System.Text;
using FsCheck.Xunit;
using ServerlessTrace.Core.Alerting.Webhooks;

namespace ServerlessTrace.Core.Tests.Alerting.Webhooks;

public class WebhookSignatureTests
{
    // The example of Standard Webhooks.
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Timestamp = "1614265330";
    private const string Published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);
    private static readonly byte[] Body = """{"test": 2432232314}"""u8.ToArray();

    private static WebhookSecret Secret { get; } = Parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    [Fact]
    public void The_published_example_is_signed_as_published() =>
        Assert.Equal(Published, WebhookSignature.Of([Secret], Id, At, Body));

    [Fact]
    public void The_published_example_is_verified() =>
        Assert.True(WebhookSignature.Verify(Secret, Id, Timestamp, Published, Body, At));

    [Fact]
    public void Two_valid_secrets_sign_both_and_either_verifies()
    {
        WebhookSecret next = WebhookSecret.Generate();

        string signatures = WebhookSignature.Of([next, Secret], Id, At, Body);

        Assert.Equal(2, signatures.Split(' ').Length);
        Assert.EndsWith(" " + Published, signatures, StringComparison.Ordinal);
        Assert.True(WebhookSignature.Verify(Secret, Id, Timestamp, signatures, Body, At));
        Assert.True(WebhookSignature.Verify(next, Id, Timestamp, signatures, Body, At));
        Assert.False(WebhookSignature.Verify(WebhookSecret.Generate(), Id, Timestamp, signatures, Body, At));
    }

    [Theory]
    [InlineData("msg_other", Timestamp, Published, """{"test": 2432232314}""")]
    [InlineData(Id, "1614265331", Published, """{"test": 2432232314}""")]
    [InlineData(Id, Timestamp, Published, """{"test": 2432232315}""")]
    [InlineData(Id, Timestamp, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", """{"test": 2432232314}""")]
    [InlineData(Id, Timestamp, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", """{"test": 2432232314}""")]
    [InlineData(Id, Timestamp, "", """{"test": 2432232314}""")]
    [InlineData(Id, "soon", Published, """{"test": 2432232314}""")]
    [InlineData(Id, "-1614265330", Published, """{"test": 2432232314}""")]
    public void What_was_changed_on_the_way_is_not_verified(string id, string timestamp, string signatures, string body) =>
        Assert.False(WebhookSignature.Verify(Secret, id, timestamp, signatures, Encoding.UTF8.GetBytes(body), At));

    [Theory]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void What_is_old_or_of_the_future_is_not_verified(int seconds, bool isVerified) =>
        Assert.Equal(isVerified, WebhookSignature.Verify(Secret, Id, Timestamp, Published, Body, At.AddSeconds(seconds)));

    [Property]
    public bool Whatever_is_signed_is_verified(string id, byte[] body, uint seconds)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);
        string signature = WebhookSignature.Of([Secret], id, at, body);
        return WebhookSignature.Verify(Secret, id, seconds.ToString(System.Globalization.CultureInfo.InvariantCulture), signature, body, at);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==")] // 23 bytes
    [InlineData("whsec_not base64 at all, and long enough!")]
    [InlineData("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")] // 65 bytes
    public void A_secret_that_is_short_long_or_malformed_is_refused(string? text) => Assert.False(WebhookSecret.TryParse(text, out _));

    [Fact]
    public void A_generated_secret_is_read_back_and_tells_nothing_unasked()
    {
        WebhookSecret secret = WebhookSecret.Generate();

        Assert.Equal(secret.Reveal(), Parse(secret.Reveal()).Reveal());
        Assert.NotEqual(secret.Reveal(), WebhookSecret.Generate().Reveal());
        Assert.Equal("whsec_…", secret.ToString());
    }

    private static WebhookSecret Parse(string text) => WebhookSecret.TryParse(text, out WebhookSecret? secret) ? secret : throw new ArgumentException(text);
}
