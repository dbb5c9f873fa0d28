using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// The objects of which a table's columns are made: an SDK's envelope, <c>{"time", "tags", "data": {"baseType", "baseData"}}</c>
/// (microsoft/ApplicationInsights-Home, <c>EndpointSpecs/ENDPOINT-PROTOCOL.md</c>), and continuous export's items, <c>{"request": [{…}], "context": {…}}</c>
/// (learn.microsoft.com/previous-versions/azure/azure-monitor/app/export-data-model).
/// </summary>
internal sealed unsafe partial class AzureRecordParser
{
    private bool TryReadNested(byte* at, FieldKey<AzureField> key, int depth, out byte* behind)
    {
        bool isObject = *at == '{';
        behind = null;
        switch (key.Field)
        {
            case AzureField.Tags when isObject:
                behind = ReadColumns(at, key.Beginning, AzureKeys.Tags, depth);
                return true;
            case AzureField.Data when isObject:
                behind = ReadColumns(at, key.Beginning, AzureKeys.Columns, depth);
                return true;
            case AzureField.Item when isObject:
                _isEnvelope = true;
                behind = ReadColumns(at, key.Beginning, AzureKeys.Item, depth);
                return true;
            case AzureField.Items or AzureField.Message when !isObject:
                _isEnvelope = true;
                _row.SetCopy(AzureField.Table, AzureTables.OfItems(key.Written));
                behind = ReadList(at, key, AzureKeys.Item, depth);
                return true;
            case AzureField.Context when isObject:
                behind = ReadContext(at, key.Beginning, depth);
                return true;
            case AzureField.DurationTicks when isObject:
                behind = ReadColumns(at, key.Beginning, AzureKeys.Metric, depth);
                return true;
            case AzureField.Dimensions when !isObject:
                behind = ReadDimensions(at, key, depth);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads a list of items, which has one.</summary>
    private byte* ReadList(byte* at, FieldKey<AzureField> key, int place, int depth)
    {
        at = _json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = *at == '{' ? ReadColumns(at, key.Beginning, place, depth + 1) : _json.SkipValue(at, depth + 1);
            at = at is null ? null : _json.EndElement(at, out ended);
        }

        return at;
    }

    private byte* ReadContext(byte* at, FieldKey<AzureField> key, int depth)
    {
        at = _json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, AzureKeys.Context);
            int place = at is null || *at != '{' ? -1 : AzureKeys.PlaceOf(key.Written);
            at = at is null ? null : place >= 0 ? ReadColumns(at, key.Beginning, place, depth + 1) : _json.SkipValue(at, depth + 1);
            at = at is null ? null : _json.EndField(at, out ended);
        }

        return at;
    }

    /// <summary>Reads <c>[{"name": "value"}, …]</c> as custom properties.</summary>
    private byte* ReadDimensions(byte* at, FieldKey<AzureField> key, int depth)
    {
        at = _json.BeginArray(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = _builder.ReadFields(at, _keys, key, AzureKeys.Properties, depth + 1);
            at = at is null ? null : _json.EndElement(at, out ended);
        }

        return at;
    }
}
