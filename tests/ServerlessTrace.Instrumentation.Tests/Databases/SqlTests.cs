using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Data.Sqlite;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Databases;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Databases;

public sealed class SqlTests
{
    private static readonly PropagationContext Context = Contexts.Of(baggage: [("correlation_id", "tx-1"), ("tier", "gold")]);

    [Theory]
    [InlineData("SELECT 1", $"SELECT 1 /*correlation_id='tx-1',traceparent='{Contexts.Parent}'*/")]
    [InlineData("SELECT 1;\n", $"SELECT 1 /*correlation_id='tx-1',traceparent='{Contexts.Parent}'*/;")]
    [InlineData("SELECT 1 /* mine */", "SELECT 1 /* mine */")]
    [InlineData("SELECT 1 -- mine", "SELECT 1 -- mine")]
    public void A_statement_gets_one_comment_with_sorted_fields_and_no_baggage(string sql, string expected) =>
        Assert.Equal(expected, SqlComment.Append(sql, Context));

    [Fact]
    public void Without_context_a_statement_stays_as_it_is() => Assert.Equal("SELECT 1", SqlComment.Append("SELECT 1", default));

    [Fact]
    public void The_comment_is_read_back_from_a_slow_query_log()
    {
        PropagationContext read = SqlComment.Extract(SqlComment.Append("SELECT 1;", Contexts.Of(state: "congo=t61,foo=1", baggage: [("request_id", "r-1")])));

        Assert.Equal((Contexts.Of().Text(), "congo=t61,foo=1", "r-1"), (read.Text(), read.ActivityContext.TraceState, read.Baggage.GetBaggage("request_id")));
    }

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("SELECT 1 /*")]
    [InlineData("SELECT 1 /* hello, world */")]
    [InlineData("SELECT 1 /*traceparent='00-0'*/")]
    [InlineData("SELECT 1 /*traceparent=*/")]
    public void A_comment_that_is_no_context_is_none(string sql) => Assert.Equal("none", SqlComment.Extract(sql).Text());

    [Property]
    public Property No_value_ends_the_comment() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(),
        id =>
        {
            string sql = SqlComment.Append("SELECT 1", Contexts.Of(state: "a=1", baggage: [("correlation_id", id.Get), ("request_id", $"'*/{id.Get}")]));
            return sql.IndexOf("*/", StringComparison.Ordinal) == sql.Length - 2 && sql.Count(letter => letter == '\'') % 2 == 0;
        });

    [Fact]
    public void A_real_database_takes_comment_and_audit_columns_and_a_row_is_gone_on_with()
    {
        using var spans = new Spans();
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "CREATE TABLE orders (id TEXT, trace_id TEXT, span_id TEXT, correlation_id TEXT)");
        using (WorkContext.Continue(Context, "place order"))
        {
            using SqliteCommand insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO orders VALUES ('ord-789', @trace_id, @span_id, @correlation_id);";
            insert.AddAuditParameters();
            insert.AppendContext();
            Assert.Equal(1, insert.ExecuteNonQuery());
        }

        using SqliteCommand query = connection.CreateCommand();
        query.CommandText = "SELECT trace_id, span_id, correlation_id FROM orders";
        using SqliteDataReader row = query.ExecuteReader();
        Assert.True(row.Read());
        using (WorkContext.Continue(AuditColumns.Read(row.GetString(0), row.GetString(1), row.GetString(2)), "ship order"))
        {
        }

        Activity placed = spans.Single("place order");
        Activity shipped = spans.Single("ship order");
        Assert.Equal((placed.TraceId, placed.SpanId, "tx-1"), (shipped.TraceId, shipped.ParentSpanId, shipped.GetTagItem("correlation_id")));
    }

    [Fact]
    public void Outside_a_trace_the_audit_columns_are_null()
    {
        using var command = new SqliteCommand();
        command.AddAuditParameters(default);

        Assert.All(command.Parameters.Cast<SqliteParameter>(), parameter => Assert.Equal(DBNull.Value, parameter.Value));
        Assert.Equal("none", AuditColumns.Read(null, "x").Text());
        Assert.Equal("none", AuditColumns.Read(new string('0', 32), Contexts.Span).Text());
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
