using ServerlessTrace.LocalHost.Durable.Storage;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>
/// The message about an instance that this host holds: it appears in the queue when somebody should look after the instance, and there is
/// one only if somebody should.
/// </summary>
internal sealed class InstanceAlarm(
    string instanceId, InstanceQueue queue, TimeProvider time, InstanceMessage? message, CancellationToken abandoned)
{
    private InstanceMessage? _message = message;

    public bool IsSet => _message is not null;

    /// <summary>Keeps the instance's own message as it was last received, and deletes a second one.</summary>
    public async Task KeepAsync(InstanceMessage received)
    {
        if (_message is null || _message.MessageId == received.MessageId)
        {
            _message = received;
        }
        else
        {
            await queue.DeleteAsync(received, abandoned);
        }
    }

    /// <summary>Has the message appear at a time; <see cref="InstanceRow.Never"/> for no message.</summary>
    public async Task SetAsync(DateTimeOffset at)
    {
        if (at >= InstanceRow.Never)
        {
            if (_message is not null)
            {
                await queue.DeleteAsync(_message, abandoned);
                _message = null;
            }

            return;
        }

        TimeSpan delay = at - time.GetUtcNow();
        _message = _message is null ? null : await queue.DelayAsync(_message, delay, abandoned);
        _message ??= await queue.SendAsync(instanceId, delay, abandoned);
    }
}
