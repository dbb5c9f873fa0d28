using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Reports;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>Writes dependency graphs. Names are inert in each of the languages, and the same graph always gives the same text.</summary>
public static class DependencyText
{
    private const int NameLength = 80;

    /// <summary>
    /// An object with <c>nodes</c> (<c>id</c>, <c>name</c>, <c>kind</c>) and <c>edges</c> (<c>caller</c> and <c>callee</c> by id, <c>mode</c>, <c>calls</c>,
    /// <c>errors</c>, <c>p50Ms</c>, <c>p95Ms</c>).
    /// </summary>
    public static void WriteJson(IBufferWriter<byte> destination, DependencyGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        Dictionary<DependencyNode, string> ids = Ids(graph);
        writer.WriteStartObject();
        writer.WriteStartArray("nodes"u8);
        foreach (DependencyNode node in graph.Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, ids[node]);
            writer.WriteString("name"u8, node.Name);
            writer.WriteString("kind"u8, Kind(node.Kind));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("edges"u8);
        foreach (DependencyEdge edge in graph.Edges)
        {
            writer.WriteStartObject();
            writer.WriteString("caller"u8, ids[edge.Caller]);
            writer.WriteString("callee"u8, ids[edge.Callee]);
            writer.WriteString("mode"u8, edge.IsMessaging ? "messaging"u8 : "synchronous"u8);
            writer.WriteNumber("calls"u8, edge.Calls);
            writer.WriteNumber("errors"u8, edge.Errors);
            writer.WriteNumber("p50Ms"u8, edge.P50Nano / 1e6);
            writer.WriteNumber("p95Ms"u8, edge.P95Nano / 1e6);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A Mermaid flowchart, as GitHub draws it from a block of that language.</summary>
    public static string ToMermaid(DependencyGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Dictionary<DependencyNode, string> ids = Ids(graph);
        var text = new StringBuilder("flowchart LR\n");
        foreach (DependencyNode node in graph.Nodes)
        {
            (string open, string close) = node.Kind switch
            {
                DependencyKind.Database => ("[(", ")]"),
                DependencyKind.Queue => ("[[", "]]"),
                DependencyKind.External => ("([", "])"),
                _ => ("[", "]"),
            };
            text.Append(CultureInfo.InvariantCulture, $"  {ids[node]}{open}\"{Mermaid(Label(node))}\"{close}\n");
        }

        foreach (DependencyEdge edge in graph.Edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {ids[edge.Caller]} {(edge.IsMessaging ? "-.->" : "-->")}|\"{Mermaid(Label(edge))}\"| {ids[edge.Callee]}\n");
        }

        return text.ToString();
    }

    /// <summary>A Graphviz digraph.</summary>
    public static string ToDot(DependencyGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Dictionary<DependencyNode, string> ids = Ids(graph);
        var text = new StringBuilder("digraph dependencies {\n  rankdir=LR;\n");
        foreach (DependencyNode node in graph.Nodes)
        {
            string shape = node.Kind switch
            {
                DependencyKind.Database => "cylinder",
                DependencyKind.Queue => "cds",
                DependencyKind.External => "oval",
                _ => "box",
            };
            text.Append(CultureInfo.InvariantCulture, $"  {ids[node]} [label=\"{Dot(Label(node))}\", shape={shape}];\n");
        }

        foreach (DependencyEdge edge in graph.Edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {ids[edge.Caller]} -> {ids[edge.Callee]} [label=\"{Dot(Label(edge))}\"");
            text.Append(edge.IsMessaging ? ", style=dashed" : string.Empty).Append(edge.Errors > 0 ? ", color=red" : string.Empty).Append("];\n");
        }

        return text.Append("}\n").ToString();
    }

    private static Dictionary<DependencyNode, string> Ids(DependencyGraph graph)
    {
        var ids = new Dictionary<DependencyNode, string>(graph.Nodes.Count);
        foreach (DependencyNode node in graph.Nodes)
        {
            ids.Add(node, string.Create(CultureInfo.InvariantCulture, $"n{ids.Count}"));
        }

        return ids;
    }

    private static string Kind(DependencyKind kind) => kind switch
    {
        DependencyKind.Database => "database",
        DependencyKind.Queue => "queue",
        DependencyKind.External => "external",
        _ => "service",
    };

    private static string Label(DependencyNode node) => node.Name.Length == 0 ? "unknown service" : PlainText.Line(node.Name, NameLength);

    private static string Label(DependencyEdge edge)
    {
        string calls = string.Create(CultureInfo.InvariantCulture, $"{edge.Calls:N0} {(edge.Calls == 1 ? "call" : "calls")}");
        string errors = edge.Errors == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {edge.Errors:N0} failed");
        string durations = edge.P95Nano == 0 ? string.Empty : $", p50 {DurationText.Of(edge.P50Nano)}, p95 {DurationText.Of(edge.P95Nano)}";
        return calls + errors + durations;
    }

    /// <summary>All but letters, digits and what means nothing to Mermaid becomes an entity of its own kind: <c>#35;</c>.</summary>
    private static string Mermaid(string label)
    {
        var text = new StringBuilder(label.Length);
        foreach (Rune rune in label.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '_' or '.' or ',' or '/' or ':')
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
            }
        }

        return text.ToString();
    }

    private static string Dot(string label) => label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
