using Azure.Storage.Queues;
using ServerlessTrace.LocalHost.Configuration;

namespace ServerlessTrace.LocalHost.Tests.Configuration;

public sealed class HostJsonTests
{
    [Fact]
    public void The_file_of_this_repository_is_read()
    {
        HostJson settings = HostJson.Read(Path.Combine(RepositoryRoot.Path, "host.json"));

        Assert.Equal(string.Empty, settings.RoutePrefix);
        Assert.Equal(QueueMessageEncoding.None, settings.Queues.MessageEncoding);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.Queues.MaxPollingInterval);
        Assert.Equal(5, settings.Queues.MaxDequeueCount);
        Assert.Equal(16, settings.Queues.BatchSize);
        Assert.Equal("ServerlessTrace", settings.DurableTask.HubName);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.DurableTask.MaxQueuePollingInterval);
    }

    [Fact]
    public void Absent_settings_are_the_platforms_defaults()
    {
        HostJson settings = HostJson.Parse("""{"version":"2.0"}""");

        Assert.Equal("api", settings.RoutePrefix);
        Assert.Equal(QueueMessageEncoding.Base64, settings.Queues.MessageEncoding);
        Assert.Equal(8, settings.Queues.NewBatchThreshold);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Queues.MaxPollingInterval);
        Assert.Null(settings.Functions);
    }

    [Fact]
    public void Unknown_settings_are_ignored() =>
        Assert.Equal("x", HostJson.Parse("""{"extensions":{"http":{"routePrefix":"/x/","hsts":{}},"eventHubs":7},"new":[]} // comment""").RoutePrefix);

    [Theory]
    [InlineData("""{"version":"1.0"}""", "version must be \"2.0\"")]
    [InlineData("""{"functions":"A"}""", "functions must be a list of strings")]
    [InlineData("""{"extensions":{"queues":{"batchSize":33}}}""", "extensions.queues.batchSize must be a whole number from 1 to 32, but is 33")]
    [InlineData("""{"extensions":{"queues":{"maxPollingInterval":1000}}}""", "extensions.queues.maxPollingInterval must be a time span")]
    [InlineData("""{"extensions":{"queues":{"messageEncoding":"utf8"}}}""", "extensions.queues.messageEncoding must be \"none\" or \"base64\"")]
    [InlineData("""{"extensions":{"blobs":[]}}""", "extensions.blobs must be an object")]
    [InlineData("""{"extensions":{"durableTask":{"storageProvider":{"maxQueuePollingInterval":"soon"}}}}""", "maxQueuePollingInterval must be a time span")]
    [InlineData("{", "not valid JSON")]
    public void A_wrong_value_is_named(string json, string expected)
    {
        HostStartException refusal = Assert.Throws<HostStartException>(() => HostJson.Parse(json));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
