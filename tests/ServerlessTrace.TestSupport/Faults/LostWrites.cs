using System.Text;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessTrace.TestSupport.Faults;

/// <summary>Loses optimistic writes to tables: insertions, and changes on condition that a row is as it was read; alone or in a transaction.</summary>
public sealed partial class LostWrites : HttpPipelinePolicy
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);
    private WriteLoss _loss;
    private int? _only;

    /// <summary>How many optimistic writes were begun since the losses were set.</summary>
    public int Writes { get; private set; }

    /// <summary>How many of them were lost.</summary>
    public int Losses { get; private set; }

    /// <summary>Loses the first attempt of every write, of which the second one is let through.</summary>
    public void LoseEach(WriteLoss loss) => Set(loss, null);

    /// <summary>Loses only the n-th attempt, counted from 1.</summary>
    public void LoseOnly(int n, WriteLoss loss) => Set(loss, n);

    /// <summary>Loses nothing from now on.</summary>
    public void LoseNone() => Set(WriteLoss.None, null);

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The product is asynchronous throughout.");

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ArgumentNullException.ThrowIfNull(message);
        OptimisticWrite? write = _loss == WriteLoss.None ? null : await ReadAsync(message.Request, message.CancellationToken);
        WriteLoss loss = write is null ? WriteLoss.None : LossOf(write.Place);
        if (loss == WriteLoss.Refused)
        {
            message.Response = Refusal.Of(IsBatch(message.Request), write!.IsChange);
            return;
        }

        await ProcessNextAsync(message, pipeline);
        if (loss == WriteLoss.AnswerLost)
        {
            throw new IOException("The connection was closed before the answer came.");
        }
    }

    private void Set(WriteLoss loss, int? only)
    {
        lock (_lock)
        {
            (_loss, _only, Writes, Losses) = (loss, only, 0, 0);
            _lost.Clear();
        }
    }

    private WriteLoss LossOf(string place)
    {
        lock (_lock)
        {
            Writes++;
            bool loses = _only is { } n ? Writes == n : !_lost.Remove(place) && _lost.Add(place);
            Losses += loses ? 1 : 0;
            return loses ? _loss : WriteLoss.None;
        }
    }

    /// <summary>The optimistic write of a request; null for any other request.</summary>
    private static async Task<OptimisticWrite?> ReadAsync(Request request, CancellationToken cancellationToken)
    {
        if (request.Method == RequestMethod.Get || !request.Headers.Contains("DataServiceVersion"))
        {
            return null;
        }

        string path = $"{request.Method} {request.Uri.Path}";
        if (request.Method != RequestMethod.Post)
        {
            return request.Headers.TryGetValue("If-Match", out string? match) && match != "*" ? new OptimisticWrite(path, IsChange: true) : null;
        }

        using var body = new MemoryStream();
        await request.Content!.WriteToAsync(body, cancellationToken);
        string text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        if (!IsBatch(request))
        {
            return new OptimisticWrite($"{path} {RowKey().Match(text).Value}", IsChange: false);
        }

        string[] operations = [.. Operations().Split(text).Skip(1).Where(operation => IsInsertion(operation) || IsChange(operation))];
        return operations.Length == 0 ? null : new OptimisticWrite(string.Join(' ', operations.Select(Place)), Array.Exists(operations, IsChange));
    }

    private static bool IsBatch(Request request) => request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal);

    private static bool IsInsertion(string operation) => operation.StartsWith("POST ", StringComparison.Ordinal);

    private static bool IsChange(string operation) => IfMatch().Match(operation) is { Success: true } match && match.Groups[1].Value != "*";

    private static string Place(string operation) => $"{operation[..operation.IndexOf(" HTTP", StringComparison.Ordinal)]} {RowKey().Match(operation).Value}";

    [GeneratedRegex(@"^(?=(?:POST|PUT|PATCH|MERGE|DELETE) \S+ HTTP/1\.1)", RegexOptions.Multiline)]
    private static partial Regex Operations();

    [GeneratedRegex(@"^If-Match: (.*?)\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex IfMatch();

    [GeneratedRegex("\"RowKey\":\"[^\"]*\"")]
    private static partial Regex RowKey();

    /// <summary>An optimistic write.</summary>
    /// <param name="Place">Which rows it is of, by which it is known when it is tried again.</param>
    /// <param name="IsChange">Whether it has a condition on what it replaces; else it only inserts.</param>
    private sealed record OptimisticWrite(string Place, bool IsChange);
}
