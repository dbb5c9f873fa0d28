using System.IO.Compression;
using DurableTask.Core;
using DurableTask.Core.History;

namespace ServerlessTrace.LocalHost.Orchestrations.Table;

/// <summary>What a row holds of an instance, as compressed lines of JSON: mail and custom status in the first, then a line an event.</summary>
/// <param name="History">The lines of the history.</param>
/// <param name="Inbox">Messages for the instance that its history does not contain yet.</param>
/// <param name="Outbox">Messages of the instance for others that may not have been delivered yet.</param>
/// <param name="CustomStatus">The custom status, as JSON.</param>
internal sealed record InstanceBody(
    ReadOnlyMemory<byte> History, IReadOnlyList<TaskMessage> Inbox, IReadOnlyList<TaskMessage> Outbox, string? CustomStatus)
{
    public byte[] Compress()
    {
        var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            HistoryJson.WriteLines(brotli, [new Mail { Inbox = Inbox, Outbox = Outbox, CustomStatus = CustomStatus }]);
            brotli.Write(History.Span);
        }

        return compressed.ToArray();
    }

    public static InstanceBody Decompress(byte[] compressed)
    {
        using var brotli = new BrotliStream(new MemoryStream(compressed, writable: false), CompressionMode.Decompress);
        var lines = new MemoryStream();
        brotli.CopyTo(lines);
        ReadOnlyMemory<byte> all = lines.ToArray();
        int first = all.Span.IndexOf((byte)'\n') + 1;
        Mail mail = HistoryJson.ReadLines<Mail>(all[..first]).Single();
        return new InstanceBody(all[first..], mail.Inbox, mail.Outbox, mail.CustomStatus);
    }

    /// <summary>The events of the history.</summary>
    /// <exception cref="Newtonsoft.Json.JsonException">It is damaged.</exception>
    public List<HistoryEvent> ReadHistory() => [.. HistoryJson.ReadLines<HistoryEvent>(History)];

    private sealed record Mail
    {
        public IReadOnlyList<TaskMessage> Inbox { get; init; } = [];

        public IReadOnlyList<TaskMessage> Outbox { get; init; } = [];

        public string? CustomStatus { get; init; }
    }
}
