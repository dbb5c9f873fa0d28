using Azure.Storage.Queues.Models;
using ServerlessTrace.LocalHost.Invocation;

namespace ServerlessTrace.LocalHost.Triggers.Queues;

/// <summary>What a queue function may take its message as.</summary>
internal static class QueueTriggerBinding
{
    public static TriggerBinding For(HostedFunction function)
    {
        Type type = function.TriggerParameter.ParameterType;
        if (type == typeof(QueueMessage))
        {
            return TriggerBinding.Direct;
        }

        if (type == typeof(BinaryData))
        {
            return TriggerBinding.Of(static run => ValueTask.FromResult<object?>(((QueueMessage)run.Trigger!).Body));
        }

        if (type == typeof(string))
        {
            return TriggerBinding.Of(static run => ValueTask.FromResult<object?>(((QueueMessage)run.Trigger!).Body.ToString()));
        }

        throw function.Wrong($"takes a queue message as {type.Name}: use QueueMessage, string or BinaryData");
    }
}
