using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Data.Sqlite;
using ServerlessTrace.Instrumentation.Databases;
using ServerlessTrace.Instrumentation.Messaging;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Sample;

/// <summary>Charges orders and ships them; every statement has a span, and names its trace in a comment and in the row.</summary>
internal sealed class Payments
{
    public const string SourceName = "Sample.Payments";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly string _connection;

    public Payments(string file)
    {
        _connection = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();
        Execute("CREATE TABLE", "CREATE TABLE IF NOT EXISTS payments (order_id TEXT PRIMARY KEY, state TEXT, trace_id TEXT, span_id TEXT, correlation_id TEXT)", null);
    }

    public IResult Charge(string order)
    {
        Execute("INSERT payments", "INSERT INTO payments VALUES (@order, 'charged', @trace_id, @span_id, @correlation_id)", order);
        return Results.Ok();
    }

    public string StateOf(string order)
    {
        using SqliteConnection connection = Open();
        using SqliteCommand query = connection.CreateCommand();
        query.CommandText = "SELECT state FROM payments WHERE order_id = @order";
        query.Parameters.AddWithValue("@order", order);
        return query.ExecuteScalar() as string ?? "none";
    }

    /// <summary>Takes messages until it is cancelled.</summary>
    public async Task ShipAllAsync(QueueClient queue, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if ((await queue.ReceiveMessageAsync(cancellationToken: CancellationToken.None)).Value is { } message)
            {
                await ShipAsync(queue, message);
            }
            else
            {
                await Task.Delay(50, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ShipAsync(QueueClient queue, QueueMessage message)
    {
        MessageEnvelope envelope = MessageEnvelope.Read(message.Body);
        using ContinuedWork work = envelope.Context.ProcessMessage(queue.Name);
        string order = envelope.Body.ToObjectFromJson<JsonElement>().GetProperty("order").GetString()!;
        Execute("UPDATE payments", "UPDATE payments SET state = 'shipped' WHERE order_id = @order", order);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        return connection;
    }

    private void Execute(string name, string sql, string? order)
    {
        using Activity? span = order is null ? null : Source.StartActivity(name, ActivityKind.Client);
        span?.SetTag("db.system.name", "sqlite").SetTag("db.query.text", sql);
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        if (order is not null)
        {
            command.Parameters.AddWithValue("@order", order);
            command.AddAuditParameters();
            command.AppendContext();
        }

        command.ExecuteNonQuery();
    }
}
