using Azure.Data.Tables;

namespace ServerlessTrace.Storage.Tests.Costs;

/// <summary>
/// What a row is billed for, as Azure's documentation gives it: 4 bytes + the keys' characters × 2 + for each property 8 bytes + its
/// name's characters × 2 + its value. The Timestamp is not among the properties counted.
/// </summary>
internal static class EntitySize
{
    public static long Of(TableEntity row)
    {
        long size = 4 + ((row.PartitionKey.Length + row.RowKey.Length) * 2);
        foreach ((string name, object value) in row)
        {
            if (name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag" or "odata.metadata"))
            {
                size += 8 + (name.Length * 2) + Of(value);
            }
        }

        return size;
    }

    private static int Of(object value) => value switch
    {
        string text => (text.Length * 2) + 4,
        byte[] bytes => bytes.Length + 4,
        int => 4,
        bool => 1,
        Guid => 16,
        _ => 8,
    };
}
