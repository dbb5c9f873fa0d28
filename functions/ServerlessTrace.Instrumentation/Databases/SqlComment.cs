using System.Data.Common;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Databases;

/// <summary>
/// Context as a comment behind a SQL statement (google.github.io/sqlcommenter/spec), so that slow query logs and the database's own views name
/// the trace: <c>SELECT 1 /*traceparent='00-…-01'*/</c>. A statement with another comment is another statement to plan caches that go by
/// text: use it where the server takes comments off (PostgreSQL, MySQL), or for statements that are rare.
/// </summary>
public static class SqlComment
{
    /// <summary>Appends the current context to a command's text.</summary>
    public static void AppendContext(this DbCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
#pragma warning disable CA2100 // Every character of a value that could end the comment or the quote is percent-encoded.
        command.CommandText = Append(command.CommandText, WorkContext.Current);
#pragma warning restore CA2100
    }

    /// <summary>Appends a context to a statement. One that has a comment already stays as it is, as the specification says.</summary>
    public static string Append(string sql, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(sql);
        if (sql.Contains("/*", StringComparison.Ordinal) || sql.Contains("--", StringComparison.Ordinal))
        {
            return sql;
        }

        SortedDictionary<string, string> fields = new(StringComparer.Ordinal);
        TracePropagators.Messages.Inject(context, fields, static (to, name, value) =>
        {
            // Baggage is for services: a database's logs are read by more people than its rows.
            if (name != ContextHeaders.Baggage)
            {
                to[name] = value;
            }
        });
        if (fields.Count == 0)
        {
            return sql;
        }

        string comment = string.Join(',', fields.Select(field => $"{Uri.EscapeDataString(field.Key)}='{Uri.EscapeDataString(field.Value)}'"));
        ReadOnlySpan<char> statement = sql.AsSpan().TrimEnd();
        return statement.EndsWith(";") ? $"{statement[..^1]} /*{comment}*/;" : $"{statement} /*{comment}*/";
    }

    /// <summary>Reads the context of a statement, for example one from a slow query log; empty where it has none.</summary>
    public static PropagationContext Extract(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        int start = sql.LastIndexOf("/*", StringComparison.Ordinal);
        int end = start < 0 ? -1 : sql.IndexOf("*/", start, StringComparison.Ordinal);
        if (end < 0)
        {
            return default;
        }

        Dictionary<string, string> fields = [];
        foreach (string field in sql[(start + 2)..end].Split(','))
        {
            string[] parts = field.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length == 2 && parts[1].Length >= 2 && parts[1][0] == '\'' && parts[1][^1] == '\'')
            {
                fields[Uri.UnescapeDataString(parts[0])] = Uri.UnescapeDataString(parts[1][1..^1].Replace("\\'", "'", StringComparison.Ordinal));
            }
        }

        return TracePropagators.Messages.Extract(default, fields, static (from, name) => from.TryGetValue(name, out string? value) ? [value] : null);
    }
}
