using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>One object, as far as it matters whether it is a record or wraps some: looked at once, at its own fields only.</summary>
internal ref struct Container
{
    private const int NoEvidence = 1000;

    private int _rank;
    private ulong _origin;

    /// <summary>Whether the object is a record: it says of which trace.</summary>
    public bool HasTrace { get; private set; }

    /// <summary>Whether what its logger knew of the request may say of which trace it is.</summary>
    public bool HasContext { get; private set; }

    /// <summary>Whether what it wraps says of a trace, wherever.</summary>
    public readonly bool HasEvidence => _rank < NoEvidence;

    /// <summary>The JSON of what it wraps; empty if that is nothing.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>What the payload is.</summary>
    public ContainerRole Role { get; private set; }

    /// <summary>The JSON of a table's columns.</summary>
    public ReadOnlySpan<byte> Columns { get; private set; }

    /// <summary>Whether the log goes on in the next record of the same origin; null if nothing says so.</summary>
    public bool? IsPartial { get; private set; }

    /// <summary>What it says of the record in it, its service aside.</summary>
    public Envelope Envelope { get; private set; }

    /// <summary>Whether it is no JSON.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether a list of records begins in it, even if that is not all here or broken.</summary>
    public bool OpensList { get; private set; }

    /// <summary>Whether it may name the service.</summary>
    public bool MayNameService { get; private set; }

    /// <summary>Which log it is from: only records of the same one go on with each other.</summary>
    public readonly ulong Origin => _origin;

    /// <summary>Whether it is Docker's or a log shipper's: what it wraps may be one part of a line.</summary>
    public readonly bool MayBePart => IsPartial is not null || _origin != 0;

    /// <summary>Looks at an object.</summary>
    /// <param name="value">Its JSON, or the beginning of that.</param>
    /// <param name="isWhole">Whether it is all here.</param>
    public static Container Of(ReadOnlySpan<byte> value, bool isWhole = true)
    {
        Container container = new() { _rank = int.MaxValue };
        Utf8JsonReader json = new(value, isWhole, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512 }));
        try
        {
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName && container.Look(ref json, value))
            {
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Broken behind what was seen; who reads the record will say so.
            container.IsBroken = true;
        }

        return container;
    }

    /// <summary>Whether the object that begins here wraps records, as far as it is here.</summary>
    public static bool MayWrap(ReadOnlySpan<byte> value)
    {
        int length = 0;
        bool isWhole = new JsonValueScan(ownLine: false).Scan(value, ref length, isLast: true) == JsonValueScan.Outcome.Ended;
        Container container = Of(isWhole ? value[..length] : value, isWhole);
        bool hasPayload = container.HasEvidence || container.MayBePart || container.Role == ContainerRole.Payload || TraceEvidence.HasIds(container.Payload);
        return !container.HasTrace && (container.OpensList || (!container.Payload.IsEmpty && hasPayload));
    }

    /// <summary>Looks at one field; false if it is not all here.</summary>
    private bool Look(ref Utf8JsonReader json, ReadOnlySpan<byte> value)
    {
        (ContainerRole role, int rank) = json.ValueIsEscaped ? default : ContainerNames.RoleOf(json.ValueSpan);
        if (!json.Read())
        {
            return false;
        }

        int start = (int)json.TokenStartIndex;
        JsonTokenType type = json.TokenType;
        bool isList = role is ContainerRole.Records or ContainerRole.Rows or ContainerRole.Values;
        OpensList |= isList && !HasTrace && type is JsonTokenType.StartArray or JsonTokenType.StartObject;
        bool isHere = json.TrySkip();
        ReadOnlySpan<byte> token = isHere ? value[start..(int)json.BytesConsumed] : value[start..];
        switch (role)
        {
            case ContainerRole.TraceId:
                HasTrace |= token.Length > 2 && type is JsonTokenType.String or JsonTokenType.Number;
                break;
            case ContainerRole.EntryTraceId when type == JsonTokenType.String && LoggedId.TryParseTraceId(token[1..^1], out TraceId trace):
                Envelope = Envelope with { TraceId = trace };
                break;
            case ContainerRole.EntryTraceId when type == JsonTokenType.StartObject:
                HasTrace |= token.IndexOf("id\""u8) >= 0;
                break;
            case ContainerRole.EntrySpanId when type == JsonTokenType.String && LoggedId.TryParseSpanId(token[1..^1], out SpanId span):
                Envelope = Envelope with { SpanId = span };
                break;
            case ContainerRole.Time when type is JsonTokenType.String or JsonTokenType.Number:
                _ = Timestamps.TryParse(type == JsonTokenType.String ? token[1..^1] : token, out long time);
                Envelope = Envelope with { TimeUnixNano = time > 0 ? time : Envelope.TimeUnixNano };
                break;
            case ContainerRole.PartialTag when token.SequenceEqual("\"F\""u8) || token.SequenceEqual("\"P\""u8):
                IsPartial = token[1] == 'P';
                break;
            case ContainerRole.PartialMark:
                IsPartial = type == JsonTokenType.True || token.SequenceEqual("\"true\""u8);
                break;
            case ContainerRole.Origin:
                if (type == JsonTokenType.StartObject && Envelope.TraceId.IsZero && TraceEvidence.In(token) && TextLine.TryRead(token, out Envelope named))
                {
                    // Loki puts structured metadata among the labels of a stream.
                    Envelope = Envelope with { TraceId = named.TraceId, SpanId = named.SpanId };
                }

                _origin = (_origin * 31) ^ StringTable.Hash(token);
                MayNameService = true;
                break;
            case ContainerRole.Columns:
                Columns = token;
                break;
            case ContainerRole.Headers:
                HasTrace |= type == JsonTokenType.StartObject && TraceEvidence.In(token);
                break;
            case ContainerRole.Context:
                HasContext |= type is JsonTokenType.StartObject or JsonTokenType.StartArray && TraceEvidence.In(token);
                break;
            default:
                LookAtPayload(role, rank, type, token);
                break;
        }

        return isHere;
    }

    private void LookAtPayload(ContainerRole role, int rank, JsonTokenType type, ReadOnlySpan<byte> token)
    {
        bool isArray = type == JsonTokenType.StartArray;
        bool isObject = type == JsonTokenType.StartObject;
        bool isJson = isObject || isArray || (type == JsonTokenType.String && token.Length > 2 && token[1] is (byte)'{' or (byte)'[');
        bool mayBe = role switch
        {
            ContainerRole.Payload or ContainerRole.Message => type == JsonTokenType.String || isObject || isArray,
            ContainerRole.JsonPayload or ContainerRole.Records => isJson,
            ContainerRole.Rows => isArray && !Columns.IsEmpty,
            ContainerRole.Values => isArray,
            _ => isJson && !isObject && TraceEvidence.In(token),
        };
        MayNameService |= isObject || role == ContainerRole.None;
        if (!mayBe)
        {
            return;
        }

        bool isNamed = role is ContainerRole.Payload or ContainerRole.Message or ContainerRole.JsonPayload
            or ContainerRole.Records or ContainerRole.Rows or ContainerRole.Values;
        rank = (isNamed ? rank : ContainerNames.Unnamed) + (TraceEvidence.In(token) ? 0 : NoEvidence);
        if (rank < _rank)
        {
            _rank = rank;
            Payload = token;
            Role = isNamed ? role : isArray ? ContainerRole.Records : ContainerRole.JsonPayload;
        }
    }
}
