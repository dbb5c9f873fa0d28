using System.Text;
using System.Text.Json.Nodes;
using ServerlessTrace.Instrumentation.SpanLogs;

namespace ServerlessTrace.Instrumentation.Tests.SpanLogs;

/// <summary>Keeps what is written; waits or fails when told to.</summary>
internal sealed class MemorySink : SpanLogSink
{
    private readonly MemoryStream _written = new();

    /// <summary>What each write waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Writes that fail from now on.</summary>
    public int Failures { get; set; }

    public int Writes { get; private set; }

    public bool IsDisposed { get; private set; }

    public override int MaxRecordBytes => 100_000;

    public byte[] Bytes => _written.ToArray();

    public JsonObject[] Records => [.. Encoding.UTF8.GetString(Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        Writes++;
        await Gate.WaitAsync(cancellationToken);
        if (Failures > 0)
        {
            Failures--;
            throw new IOException("full");
        }

        _written.Write(lines.Span);
    }

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return base.DisposeAsync();
    }
}
