using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Infra.Tests.Code;

namespace ServerlessTrace.Infra.Tests;

/// <summary>What the deployment must have for the code, written from the code.</summary>
public sealed class CodeFilesTests
{
    [Fact]
    public void Every_table_container_and_queue_of_the_code_is_deployed() => WrittenFiles.MustBe(
        "storage.json",
        new { tables = CodeStorage.Tables, containers = CodeStorage.Containers, queues = CodeStorage.Queues });

    [Fact]
    public void Every_setting_that_the_code_reads_is_deployed_with_its_default() => WrittenFiles.MustBe("settings.json", CodeSettings.Read());

    [Fact]
    public void Every_name_of_storage_is_one_that_a_client_or_a_trigger_uses() => Assert.Empty(
        CodeStorage.Names.Except([.. CodeStorage.Tables, .. CodeStorage.Containers, .. CodeStorage.Queues]));

    [Fact]
    public void Every_schedule_that_a_trigger_names_is_deployed_and_set_locally()
    {
        string[] named = [.. CodeStorage.Triggers<TimerTriggerAttribute>().Select(timer => timer.Trigger.Schedule).Where(schedule => schedule.StartsWith('%')).Select(schedule => schedule.Trim('%')).Order(StringComparer.Ordinal)];

        Assert.Equal(TimerSchedules.OnAzure.Keys.Order(StringComparer.Ordinal), named);
        Assert.Equal(TimerSchedules.OnOneMachine.Keys.Order(StringComparer.Ordinal), named);
        Assert.Empty(named.Except(CodeSettings.Read().Keys));
    }

    [Fact]
    public void Reading_the_settings_finds_those_that_are_known()
    {
        SortedDictionary<string, string> settings = CodeSettings.Read();

        Assert.Equal("00:00:05", settings["Seal__Window"]);
        Assert.Equal("16777216", settings["Ingest__Http__BodyBytes"]);
        Assert.Equal("10000", settings["Ingest__SpansPerBatch"]);
    }
}
