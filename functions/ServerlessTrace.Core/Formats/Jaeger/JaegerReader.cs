using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// Reads what Jaeger's page offers for download and its query API answers (jaegertracing/jaeger, <c>internal/uimodel/model.go</c>):
/// <c>{"data": [{"traceID", "spans": [...], "processes": {...}}]}</c>, or one or several of the objects in <c>data</c>. The processes, which
/// name the services, follow the spans that refer to them. And the spans that Jaeger stores in Elasticsearch or OpenSearch, bare, as hits
/// of a search or as <c>_source</c> of an export, each with its process inside.
/// </summary>
internal sealed unsafe class JaegerReader : JsonRecordReader
{
    // Places, and the records that are read.
    private const int Document = 1;
    private const int Spans = 2;
    private const int Processes = 3;
    private const int SpanRecordPlace = 4;
    private const int ProcessRecord = 5;
    private const int Hits = 6;
    private const int Hit = 7;

    // What is no place.
    private const int Passed = -1;
    private const int Unclear = -2;
    private const int Nothing = -3;

    private readonly JaegerSpanParser _parser;
    private readonly JaegerProcesses _processes;

    /// <summary>A reader of one source.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="statistics">Where records and rejections are counted.</param>
    /// <param name="service">The service of spans that name none.</param>
    public JaegerReader(ReadLimits limits, SourceStatistics statistics, string service)
        : base(limits, statistics)
    {
        _parser = new JaegerSpanParser(limits, statistics, service, Json);
        _processes = new JaegerProcesses(limits, statistics, Json);
    }

    /// <inheritdoc/>
    public override SourceFormat Format => SourceFormat.Jaeger;

    /// <inheritdoc/>
    protected override JsonHandling Decide(int place, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isLast, out int inner)
    {
        bool array = value[0] == '[';
        bool json = value[0] == '{';
        inner = place switch
        {
            Root or Hits when array => place,
            Root or Hits when json => PlaceOf(value, isLast || value.Length > Limits.RecordBytes),
            Document when array && key.SequenceEqual("data"u8) => Root,
            Document when array && key.SequenceEqual("spans"u8) => Spans,
            Document when json && key.SequenceEqual("processes"u8) => Processes,
            Hit when key.SequenceEqual("hits"u8) && (array || json) => array ? Hits : Hit,
            Hit when json && key.SequenceEqual("_source"u8) => SpanRecordPlace,
            Spans => SpanRecordPlace,
            Processes => ProcessRecord,
            _ => Passed,
        };
        return inner switch
        {
            SpanRecordPlace or ProcessRecord => JsonHandling.Record,
            Unclear => JsonHandling.Undecided,
            Nothing => JsonHandling.Foreign,
            Passed => JsonHandling.Skip,
            _ => JsonHandling.Enter,
        };
    }

    /// <inheritdoc/>
    protected override byte* ReadRecord(int place, byte* at, SpanBatch batch, out string? fault)
    {
        if (*at != '{')
        {
            fault = place == ProcessRecord ? "a process is a JSON object" : "a span is a JSON object";
            return Json.SkipValue(at, 1);
        }

        if (place == ProcessRecord)
        {
            byte* end = Json.SkipValue(at, 1);
            fault = end is null ? null : _processes.Add(Key, new ReadOnlySpan<byte>(at, (int)(end - at)));
            return end;
        }

        at = _parser.Read(at, batch, out JaegerProcessReference process, out fault);
        if (at is not null && fault is null)
        {
            _processes.Assign(batch, process);
        }

        return at;
    }

    /// <summary>What an object in no document, or in a list of hits, is.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> value, bool isAll)
    {
        Utf8JsonReader json = new(value, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512, AllowMultipleValues = true }));
        try
        {
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                int place = json.ValueTextEquals("spanID"u8) || json.ValueTextEquals("operationName"u8) ? SpanRecordPlace
                    : json.ValueTextEquals("spans"u8) || json.ValueTextEquals("processes"u8) || json.ValueTextEquals("data"u8) ? Document
                    : json.ValueTextEquals("_source"u8) || json.ValueTextEquals("hits"u8) ? Hit
                    : Nothing;
                if (place != Nothing)
                {
                    return place;
                }

                if (!json.Read() || !json.TrySkip())
                {
                    break;
                }
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // The record's reader says what is wrong; a name with half a surrogate pair is no JSON error to the reader.
            return Nothing;
        }

        return json.TokenType == JsonTokenType.EndObject && json.CurrentDepth == 0 ? Nothing : isAll ? Document : Unclear;
    }

    /// <inheritdoc/>
    protected override void Left(int place, SpanBatch batch)
    {
        if (place == Document)
        {
            _processes.EndTrace(batch);
        }
    }

    /// <inheritdoc/>
    protected override void LeaveBatch(SpanBatch batch) => _processes.LeaveBatch(batch);
}
