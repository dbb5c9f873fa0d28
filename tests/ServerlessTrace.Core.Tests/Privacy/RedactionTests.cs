using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Privacy;

/// <summary>What is taken out of spans before they are stored, and what is left alone.</summary>
public class RedactionTests
{
    // Pieces, so that no scanner of secrets takes this file for a leak.
    private const string WebToken = "eyJ" + "hbGciOiJIUzI1NiJ9" + "." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + "." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    private const string Key = "a key of the tests";

    private static readonly Redactor ByDefault = new(new RedactionOptions());

    private static RedactionOptions With(params RedactionRule[] rules)
    {
        var options = new RedactionOptions { HashKey = Key };
        foreach (RedactionRule rule in rules)
        {
            options.Rules.Add(rule);
        }

        return options;
    }

    private static RedactionRule Names(RedactionAction action, params string[] names)
    {
        var rule = new RedactionRule { Action = action };
        foreach (string name in names)
        {
            rule.Names.Add(name);
        }

        return rule;
    }

    private static TraceBuilder OneSpan() => new TraceBuilder().Span(1, "shop", "pay", 0, 10);

    private static SpanPart Redacted(TraceBuilder builder, Redactor? redactor = null)
    {
        SpanBatch batch = builder.Flush();
        (redactor ?? ByDefault).Begin().Redact(batch);
        return SpanPart.Of(batch, 0);
    }

    private static string ValueOf(string name, string value, Redactor? redactor = null) => Assert.Single(Redacted(OneSpan().With(name, value), redactor).Attributes).Value;

    [Theory]
    [InlineData("authorization")]
    [InlineData("http.request.header.authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("cookie")]
    [InlineData("http.response.header.set-cookie")]
    [InlineData("password")]
    [InlineData("db.user.Password")]
    [InlineData("userPassword")]
    [InlineData("PASSWD")]
    [InlineData("client_secret")]
    [InlineData("accessToken")]
    [InlineData("refresh-token")]
    [InlineData("api_key")]
    [InlineData("X-API-Key")]
    [InlineData("APIKey")]
    [InlineData("x-functions-key")]
    [InlineData("AccountKey")]
    [InlineData("db.connection_string")]
    public void Values_of_attributes_with_the_names_of_secrets_are_masked(string name) => Assert.Contains(Redactor.Mask, ValueOf(name, "s3cr3t"), StringComparison.Ordinal);

    [Theory]
    [InlineData("order_id")]
    [InlineData("token_count")]
    [InlineData("nextPageToken")]
    [InlineData("messaging.kafka.message.key")]
    [InlineData("idempotency_key")]
    [InlineData("tokenizer")]
    [InlineData("passwordless")]
    [InlineData("secretary")]
    [InlineData("cookies.accepted")]
    public void Names_that_only_look_like_those_of_secrets_are_left_alone(string name) => Assert.Contains("s3cr3t", ValueOf(name, "s3cr3t"), StringComparison.Ordinal);

    [Theory]
    [InlineData("charged 4111 1111 1111 1111 today", "charged [redacted] today")]
    [InlineData("4111111111111111", "[redacted]")]
    [InlineData("card=5500-0055-5555-5559;", "card=[redacted];")]
    [InlineData("amex 378282246310005.", "amex [redacted].")]
    [InlineData("two: 4012888888881881, 6011000990139424", "two: [redacted], [redacted]")]
    [InlineData("12 4111 1111 1111 1111", "12 [redacted]")]
    [InlineData("{\"card\":4111111111111111,\"n\":1}", "{\"card\":\"[redacted]\",\"n\":1}")]
    public void Card_numbers_are_masked_in_any_text(string text, string expected) => Assert.Equal(expected, ByDefault.Redact(text));

    [Theory]
    [InlineData("4111111111111112")]
    [InlineData("1772128800000000000")]
    [InlineData("2026-02-26 18:00:00.123456789")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("0af7651916cd43dd8448eb211c80319c")]
    [InlineData("a4111111111111111")]
    [InlineData("0.4111111111111111")]
    [InlineData("order-4111111111111111-x")]
    [InlineData("41111111111111110000000000")]
    [InlineData("                                             ")]
    public void Other_numbers_are_no_card_numbers(string text) => Assert.Equal(text, ByDefault.Redact(text));

    [Theory]
    [InlineData("jwt " + WebToken + " expired", "jwt [redacted] expired")]
    [InlineData("Bearer abc123def456", "Bearer [redacted]")]
    [InlineData("got BEARER abc123def456!", "got BEARER [redacted]!")]
    [InlineData("key " + "AKIA" + "IOSFODNN7EXAMPLE used", "key [redacted] used")]
    [InlineData("with " + "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a now", "with [redacted] now")]
    [InlineData("sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc", "[redacted]")]
    [InlineData("xox" + "b-123456789012-abcdef", "[redacted]")]
    public void Tokens_are_masked_in_any_text(string text, string expected) => Assert.Equal(expected, ByDefault.Redact(text));

    [Theory]
    [InlineData("login with password=hunter2 failed", "login with password=[redacted] failed")]
    [InlineData("Server=db;Uid=app;Pwd=hunter2;Timeout=5", "Server=db;Uid=app;Pwd=[redacted];Timeout=5")]
    [InlineData("AccountName=a;AccountKey=Zm9v/YmFy+Zm9vYmFy==;EndpointSuffix=x", "AccountName=a;AccountKey=[redacted];EndpointSuffix=x")]
    [InlineData("GET /orders?id=7&api_key=k123&x=1", "GET /orders?id=7&api_key=[redacted]&x=1")]
    [InlineData("POST /api/orders?code=Zm9vYmFyZm9v HTTP/1.1", "POST /api/orders?code=[redacted] HTTP/1.1")]
    [InlineData("/blob?sv=2024&sig=abc%3D&se=1", "/blob?sv=2024&sig=[redacted]&se=1")]
    [InlineData("Authorization: Basic dXNlcjpwYXNz\nHost: x", "Authorization: [redacted]\nHost: x")]
    [InlineData("amqps://app:hunter2@queue.example/v", "amqps://app:[redacted]@queue.example/v")]
    [InlineData("{\"user\":\"a\",\"password\":\"hun\\\"ter2\",\"n\":1}", "{\"user\":\"a\",\"password\":\"[redacted]\",\"n\":1}")]
    [InlineData("{\"token\": 12345, \"n\": 1}", "{\"token\": \"[redacted]\", \"n\": 1}")]
    [InlineData("{\"credentials\":{\"a\":[\"}\"]},\"n\":1}", "{\"credentials\":\"[redacted]\",\"n\":1}")]
    [InlineData("{\"body\":\"{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}\"}", "{\"body\":\"{\\\"token\\\":\\\"[redacted]\\\",\\\"n\\\":1}\"}")]
    [InlineData("secret => 'shh'", "secret => '[redacted]'")]
    public void Secrets_behind_their_names_are_masked_in_any_text(string text, string expected) => Assert.Equal(expected, ByDefault.Redact(text));

    [Theory]
    [InlineData("https://example.org/orders/7?page=2")]
    [InlineData("{\"token\":null,\"secret\":\"\"}")]
    [InlineData("select * from users where password = ? and token = $1")]
    [InlineData("Unexpected token: <")]
    [InlineData("bearer authentication failed")]
    [InlineData("at Shop.Pay(String token) in /src/Pay.cs:line 20")]
    [InlineData("status code=500 and code: 7")]
    [InlineData("password=[redacted]")]
    public void Ordinary_texts_stay_as_they_are(string text) => Assert.Equal(text, ByDefault.Redact(text));

    [Fact]
    public void Secrets_are_found_at_any_place_of_a_long_text()
    {
        for (int before = 0; before < 200; before++)
        {
            string text = $"{new string('.', before)} 4111111111111111 password=a {WebToken} {new string('.', 200 - before)}";
            string expected = $"{new string('.', before)} [redacted] password=[redacted] [redacted] {new string('.', 200 - before)}";
            Assert.Equal(expected, ByDefault.Redact(text));
        }
    }

    [Fact]
    public void Nothing_of_a_span_escapes()
    {
        SpanPart span = Redacted(OneSpan()
            .Failed("card 4111111111111111 refused")
            .With("exception.stacktrace", $"at Pay(\"{WebToken}\")")
            .With("user_password", "hunter2", AttributeScope.Baggage)
            .With("card", 4111111111111111)
            .With("http.request.header.cookie", "a=b")
            .Event("used password=hunter2", 1, ("token", "abc"), ("note", "4111111111111111")));

        string all = span.ToString();
        Assert.DoesNotContain("4111", all, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", all, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", all, StringComparison.Ordinal);
        Assert.DoesNotContain("a=b", all, StringComparison.Ordinal);
        Assert.Equal("card [redacted] refused", span.StatusMessage);
        Assert.Equal("shop", span.Service);
    }

    [Fact]
    public void Every_value_that_was_redacted_is_counted()
    {
        SpanBatch batch = OneSpan().With("token", "abc").With("secret", "def").With("note", "4111111111111111").With("order_id", "7").Flush();
        Assert.Equal(3, ByDefault.Begin().Redact(batch));
        Assert.Equal(0, ByDefault.Begin().Redact(batch));
    }

    [Fact]
    public void What_is_added_to_a_batch_is_redacted_and_counted_by_itself()
    {
        TraceBuilder builder = OneSpan().With("note", "4111111111111111").With("token", "abc");
        BatchRedaction redaction = ByDefault.Begin();
        Assert.Equal(2, redaction.Redact(builder.Flush()));

        // The same text again, though it was looked at already.
        builder.Span(2, "shop", "pay", 0, 10).With("note", "4111111111111111").With("other", "4012888888881881");
        Assert.Equal(2, redaction.Redact(builder.Flush()));
        Assert.Equal(0, redaction.Redact(builder.Batch));
        Assert.DoesNotContain("4111", SpanPart.Of(builder.Batch, 1).ToString(), StringComparison.Ordinal);

        // A batch that is used again has other texts under the same numbers.
        builder.Batch.Clear();
        Assert.Equal(1, redaction.Redact(OneSpan().With("token", "abc").With("note", "plain").Flush()));
    }

    [Fact]
    public void Texts_of_many_spans_are_told_apart_though_their_digits_lie_together()
    {
        // Interned one behind another, these are one long run of digits.
        SpanBatch batch = new TraceBuilder().Span(1, "s", "n", 0, 1).With("a", "12345").With("b", "4111111111111111").With("c", "99").With("d", "4012888888881881").Flush();
        Assert.Equal(2, ByDefault.Begin().Redact(batch));
        Assert.Equal(["12345", "[redacted]", "99", "[redacted]"], batch.Attributes(in batch[0]).ToArray().Select(attribute => batch.Text(attribute.Text)));
    }

    [Fact]
    public void Dropped_attributes_are_gone_from_spans_events_and_what_spans_share()
    {
        SpanBatch batch = new();
        int shared = batch.AddAttribute("host.name", "a", AttributeScope.Resource);
        batch.AddAttribute("owner", "Ann", AttributeScope.Resource);
        for (ulong id = 1; id <= 2; id++)
        {
            int first = batch.AddAttribute("owner", "Bob");
            batch.AddAttribute("order_id", "7");
            ref SpanRecord span = ref batch.AddSpan();
            (span.TraceId, span.SpanId, span.Flags) = (new TraceId(1, 2), new SpanId(id), SpanFlags.Started | SpanFlags.Ended);
            (span.SharedStart, span.SharedCount, span.AttributeStart, span.AttributeCount) = (shared, 2, first, 2);
        }

        long count = new Redactor(With(Names(RedactionAction.Drop, "owner"))).Begin().Redact(batch);

        Assert.Equal(3, count);
        for (int i = 0; i < 2; i++)
        {
            SpanPart span = SpanPart.Of(batch, i);
            Assert.Equal("order_id", Assert.Single(span.Attributes).Key);
            Assert.Equal("host.name", Assert.Single(span.Shared).Key);
        }
    }

    [Fact]
    public void Hashed_values_stay_comparable_and_depend_on_the_key()
    {
        var rule = Names(RedactionAction.Hash, "user_email");
        string ann = ValueOf("user_email", "ann@example.org", new Redactor(With(rule)));
        var other = With(rule);
        other.HashKey = "another key of them";

        Assert.Contains("hmac:", ann, StringComparison.Ordinal);
        Assert.Equal(ann, ValueOf("user_email", "ann@example.org", new Redactor(With(rule))));
        Assert.NotEqual(ann, ValueOf("user_email", "bob@example.org", new Redactor(With(rule))));
        Assert.NotEqual(ann, ValueOf("user_email", "ann@example.org", new Redactor(other)));
    }

    [Fact]
    public void Rules_of_ones_own_come_first_and_exceptions_before_them()
    {
        RedactionOptions options = With(Names(RedactionAction.Mask, "patient.*"), new RedactionRule { Pattern = @"[a-z]+@[a-z.]+", Action = RedactionAction.Hash });
        options.Except.Add("csrf_token");
        var redactor = new Redactor(options);

        Assert.Contains(Redactor.Mask, ValueOf("patient.name", "Ann", redactor), StringComparison.Ordinal);
        Assert.Contains("abc", ValueOf("csrf_token", "abc", redactor), StringComparison.Ordinal);
        Assert.Matches("^mail to hmac:[0-9a-f]{24} failed$", redactor.Redact("mail to ann@example.org failed"));
    }

    [Fact]
    public void Redaction_can_be_switched_off()
    {
        var off = new Redactor(new RedactionOptions { Enabled = false });
        Assert.False(off.IsEnabled);
        Assert.Contains("hunter2", ValueOf("password", "hunter2", off), StringComparison.Ordinal);
        Assert.Equal("4111111111111111", off.Redact("4111111111111111"));
    }

    [Theory]
    [InlineData("\"card\":\"4111 1111 11")]
    [InlineData("\"t\":\"eyJhbGciOiJIUzI1")]
    [InlineData("\"t\":\"Bearer abc1")]
    [InlineData("\"password\":\"hunt")]
    public void An_excerpt_that_ends_inside_a_secret_does_not_show_its_beginning(string excerpt)
    {
        Rejection rejection = ByDefault.Redact(new Rejection(1, 0, "cut off", excerpt));
        Assert.EndsWith(Redactor.Mask, rejection.Excerpt, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_stays_JSON()
    {
        string json = JsonSerializer.Serialize(new { a = "password=x", token = 1, pin = new[] { 4111111111111111 }, secret = new { b = new[] { "}" } }, ok = "\"" });
        using JsonDocument redacted = JsonDocument.Parse(ByDefault.Redact(json));
        Assert.Equal("\"", redacted.RootElement.GetProperty("ok").GetString());
        Assert.Equal(Redactor.Mask, redacted.RootElement.GetProperty("secret").GetString());
    }

    [Theory]
    [InlineData("hash without a key")]
    [InlineData("short key")]
    [InlineData("empty rule")]
    [InlineData("bad pattern")]
    public void Options_that_make_no_sense_are_refused_at_start(string what)
    {
        RedactionOptions options = what switch
        {
            "hash without a key" => new RedactionOptions { Action = RedactionAction.Hash },
            "short key" => new RedactionOptions { HashKey = "short" },
            "empty rule" => With(new RedactionRule()),
            _ => With(new RedactionRule { Pattern = "(" }),
        };
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    /// <summary>Each of them is a candidate, or a secret, inside a run that goes on to the text's end: looking through it each time would take hours.</summary>
    [Theory(Timeout = 120_000)]
    [InlineData("4111111111111111 ", true)]
    [InlineData("-eyJ", false)]
    [InlineData("xghp_", false)]
    [InlineData("xsk_live_", false)]
    public async Task A_long_text_of_nothing_but_candidates_takes_no_longer_than_any_other(string piece, bool isSecret)
    {
        const int Pieces = 500_000;
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, Pieces)));

        string redacted = Encoding.UTF8.GetString(await Task.Run(() => ByDefault.Redact(text.AsSpan()).ToArray()));

        Assert.Equal(isSecret ? string.Concat(Enumerable.Repeat(Redactor.Mask + " ", Pieces)) : string.Concat(Enumerable.Repeat(piece, Pieces)), redacted);
    }
}
