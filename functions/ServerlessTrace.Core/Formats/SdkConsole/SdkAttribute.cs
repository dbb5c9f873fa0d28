using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>Reads an attribute as Go's SDK prints it: <c>{"Key": "…", "Value": {"Type": "…", "Value": …}}</c>.</summary>
internal static unsafe class SdkAttribute
{
    /// <summary>Adds the attribute to a list; any other value is passed.</summary>
    public static byte* Read(byte* at, JsonScanner json, FieldKeys<SdkField> keys, AttributeReader values, int place, int depth, AttributeList list)
    {
        if (*at != '{')
        {
            return json.SkipValue(at, depth);
        }

        byte* name = null;
        byte* value = null;
        byte* end = Find(at, json, keys, depth, ref name, ref value);
        if (end is not null && name is not null && *name == '"' && value is not null)
        {
            // The lines up to the end are counted; what is gone through once more is known to be JSON.
            long line = json.Line;
            byte* typed = null;
            byte* plain = value;
            if (*value == '{' && Find(value, json, keys, depth + 1, ref typed, ref plain) is null)
            {
                return null;
            }

            FieldKey<SdkField> key = keys.Beginning;
            keys.ReadName(name + 1, ref key, place);
            if (*plain != 'n' && values.Read(plain, key.Attribute, list, depth + 2) is null)
            {
                return null;
            }

            json.Line = line;
        }

        return end;
    }

    private static byte* Find(byte* at, JsonScanner json, FieldKeys<SdkField> keys, int depth, ref byte* name, ref byte* value)
    {
        FieldKey<SdkField> key = keys.Beginning;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = keys.ReadKey(at, ref key, SdkKeys.Fields);
            if (at is null)
            {
                return null;
            }

            name = key.Field == SdkField.Key ? at : name;
            value = key.Field == SdkField.Value ? at : value;
            at = json.SkipValue(at, depth + 1);
            at = at is null ? null : json.EndField(at, out ended);
        }

        return at;
    }
}
