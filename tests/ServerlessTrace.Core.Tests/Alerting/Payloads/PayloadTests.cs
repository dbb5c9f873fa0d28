using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessTrace.Core.Alerting.Notifications;
using ServerlessTrace.Core.Alerting.Payloads;

namespace ServerlessTrace.Core.Tests.Alerting.Payloads;

/// <summary>Each format beside a file with what it must be; and what comes from outside is inert in each.</summary>
public class PayloadTests
{
    private static readonly PayloadEnvelope Envelope = new("msg_0123456789abcdef0123456789abcdef", "R0UT1NGK3Y");
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Default) { WriteIndented = true };

    public static TheoryData<PayloadFormat> Formats => [.. Enum.GetValues<PayloadFormat>()];

    private static AlertNotification Firing { get; } = new(
        "n-1",
        NotificationType.Firing,
        new DateTimeOffset(2026, 2, 26, 18, 5, 0, TimeSpan.Zero),
        new AlertReport("slow-checkout-1f3a", "slow-checkout", AlertSeverity.Critical, "p99 of checkout POST /pay is 412.5 ms over 5 min, above 300 ms")
        {
            Service = "checkout",
            Operation = "POST /pay",
            Environment = "production",
            Attributes = new Dictionary<string, string> { ["region"] = "westeurope" },
            Window = new AlertWindow(new DateTimeOffset(2026, 2, 26, 18, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 2, 26, 18, 5, 0, TimeSpan.Zero)),
            Observed = 412.5,
            Threshold = 300,
            Traces =
            [
                new AlertTrace("0af7651916cd43dd8448eb211c80319c", 1234.5, "https://traces.example.com/r/0af7651916cd43dd8448eb211c80319c?e=1&s=abc"),
                new AlertTrace("4bf92f3577b34da6a3ce929d0e0e4736", 812),
            ],
        });

    private static AlertNotification Resolved { get; } = Firing with { Type = NotificationType.Resolved, FollowsId = "n-1", Timestamp = Firing.Timestamp.AddMinutes(10), Alert = Firing.Alert with { Observed = 120, FiredAt = Firing.Timestamp } };

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_firing_alert_is_written_as_its_receiver_reads_it(PayloadFormat format) => AssertIs($"firing.{AlertPayload.NameOf(format)}.json", format, Firing);

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_resolved_alert_is_written_as_its_receiver_reads_it(PayloadFormat format) => AssertIs($"resolved.{AlertPayload.NameOf(format)}.json", format, Resolved);

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_alert_is_always_the_same_bytes(PayloadFormat format) =>
        Assert.True(AlertPayload.Write(format, Firing, Envelope).Span.SequenceEqual(AlertPayload.Write(format, Firing, Envelope).Span));

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_format_is_found_by_its_name(PayloadFormat format)
    {
        Assert.True(AlertPayload.TryParse(AlertPayload.NameOf(format), out PayloadFormat found));
        Assert.Equal(format, found);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Text_from_outside_is_one_bounded_line_without_control_characters_and_inert_in_HTML(PayloadFormat format)
    {
        string json = Text(format, Hostile("a\u0000\u001b[31m\r\nSet-Cookie: a=b\u202e\"},\"x\":{<script>" + new string('x', 100_000)));

        Assert.True(json.Length < 40_000);
        Assert.DoesNotContain("<script>", json, StringComparison.Ordinal);
        foreach (string text in Strings(JsonNode.Parse(json)))
        {
            Assert.DoesNotContain(text, static c => char.IsControl(c) || c == '\u202e');
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Cut_for_storage_an_alert_is_small_and_its_payload_the_same(PayloadFormat format)
    {
        AlertNotification huge = Hostile("a\u0000<" + new string('\u00ff', 1_000_000));
        AlertNotification cut = PayloadBounds.Cut(huge);

        Assert.Equal(Text(format, huge), Text(format, cut));
        Assert.Equal(Text(format, Firing), Text(format, PayloadBounds.Cut(Firing)));
        Assert.True(JsonSerializer.SerializeToUtf8Bytes(cut).Length < 100_000);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_no_number_is_does_no_harm(PayloadFormat format) =>
        Assert.NotNull(JsonNode.Parse(Text(format, Firing with { Alert = Firing.Alert with { Observed = double.NaN, Threshold = double.PositiveInfinity } })));

    [Theory]
    [InlineData("<!channel> <!here|x> <@U024BE7LH> <#C024BE7LR>", "&lt;!channel&gt; &lt;!here|x&gt; &lt;@U024BE7LH&gt; &lt;#C024BE7LR&gt;")]
    [InlineData("<https://evil.example|click here>", "&lt;https://evil.example|click here&gt;")]
    [InlineData("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;")]
    public void Slack_sees_no_mention_and_no_link_in_text_from_outside(string text, string inert)
    {
        JsonNode message = JsonNode.Parse(Text(PayloadFormat.Slack, Hostile(text)))!;

        List<string> strings = [.. Strings(message)];
        Assert.Contains(inert, strings);
        Assert.DoesNotContain(strings, seen => seen.Contains(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("*bold* _it_ ~no~ `code` ```block```")]
    [InlineData(":rotating_light: https://evil.example")]
    public void Slack_formats_no_text_from_outside(string text)
    {
        JsonNode message = JsonNode.Parse(Text(PayloadFormat.Slack, Hostile(text)))!;

        Assert.All(Objects(message).Where(part => (string?)part["type"] == "mrkdwn"), part =>
        {
            Assert.DoesNotContain(text, (string)part["text"]!, StringComparison.Ordinal);
            Assert.True((bool)part["verbatim"]!);
        });
        Assert.All(Objects(message).Where(part => (string?)part["type"] == "plain_text"), part => Assert.False((bool)part["emoji"]!));
    }

    [Theory]
    [InlineData("[click](https://evil.example) **bold** _it_ - list")]
    [InlineData("{{DATE(2026-02-26T18:00:00Z)}} ${name} <at>everyone</at>")]
    public void Teams_formats_no_text_from_outside(string text)
    {
        JsonNode message = JsonNode.Parse(Text(PayloadFormat.Teams, Hostile(text)))!;

        // Only these two show text, and they know no Markdown: TextBlock and Fact do.
        Assert.All(
            Objects(message["attachments"]![0]!["content"]!).Where(part => part.ContainsKey("text")),
            part => Assert.Equal("TextRun", (string)part["type"]!));
        Assert.DoesNotContain(Strings(message), static seen => seen.Contains("{{", StringComparison.Ordinal) || seen.Contains("${", StringComparison.Ordinal) || seen.Contains("<at>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_CloudEvent_has_what_the_specification_demands()
    {
        JsonNode message = JsonNode.Parse(Text(PayloadFormat.CloudEvents, Hostile("a b/ä<>\"'")))!;

        Assert.Equal("application/cloudevents+json", AlertPayload.ContentType(PayloadFormat.CloudEvents));
        Assert.Equal("1.0", (string)message["specversion"]!);
        Assert.True(Uri.TryCreate((string)message["source"]!, UriKind.Relative, out _));
        Assert.Matches("^[!-~]+$", (string)message["source"]!);
        Assert.All(message.AsObject(), attribute => Assert.Matches("^[a-z0-9]{1,20}$", attribute.Key));
    }

    [Fact]
    public void PagerDuty_is_told_which_trigger_a_resolve_belongs_to()
    {
        JsonNode trigger = JsonNode.Parse(Text(PayloadFormat.PagerDuty, Firing))!;
        JsonNode resolve = JsonNode.Parse(Text(PayloadFormat.PagerDuty, Resolved))!;

        Assert.Equal(("trigger", "resolve"), ((string)trigger["event_action"]!, (string)resolve["event_action"]!));
        Assert.Equal((string)trigger["dedup_key"]!, (string)resolve["dedup_key"]!);
        Assert.InRange(((string)JsonNode.Parse(Text(PayloadFormat.PagerDuty, Hostile(new string('s', 5_000))))!["payload"]!["summary"]!).Length, 1, 1_024);
    }

    private static AlertNotification Hostile(string text) => Firing with
    {
        Alert = Firing.Alert with
        {
            Rule = text,
            Summary = text,
            Service = text,
            Operation = text,
            Environment = text,
            Attributes = new Dictionary<string, string> { [text] = text },
        },
    };

    private static string Text(PayloadFormat format, AlertNotification notification) =>
        System.Text.Encoding.UTF8.GetString(AlertPayload.Write(format, notification, Envelope).Span);

    private static void AssertIs(string file, PayloadFormat format, AlertNotification notification)
    {
        JsonNode actual = JsonNode.Parse(Text(format, notification))!;
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Alerting", "Payloads", file)))!;
        if (!JsonNode.DeepEquals(expected, actual))
        {
            Assert.Equal(expected.ToJsonString(Indented), actual.ToJsonString(Indented));
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject parts => parts.SelectMany(static pair => Objects(pair.Value)).Prepend(parts),
        JsonArray items => items.SelectMany(Objects),
        _ => [],
    };

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject parts => parts.SelectMany(static pair => Strings(pair.Value).Prepend(pair.Key)),
        JsonArray items => items.SelectMany(Strings),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };
}
