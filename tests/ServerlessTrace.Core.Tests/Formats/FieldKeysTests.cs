using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using FieldKey = ServerlessTrace.Core.Formats.Json.FieldKey<ServerlessTrace.Core.Formats.SpanLogs.SpanLogField>;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>Who writes logs chooses the names of fields: no choice, and no number of them, may make looking a name up slow.</summary>
public sealed class FieldKeysTests
{
    [Fact]
    public void Names_that_are_alike_in_length_ends_and_middle_do_not_fall_into_one_bucket()
    {
        SpanLogKeys keys = new(new ReadLimits(), new JsonScanner(64));
        int longest = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] name = Encoding.UTF8.GetBytes(i.ToString("'a'00'a'0'a'00000'a'", CultureInfo.InvariantCulture));
            longest = Math.Max(longest, Chain(keys.Get(name, name, (int)FieldPlace.Record)));
        }

        Assert.InRange(longest, 1, 40);
    }

    [Fact]
    public void What_is_not_remembered_means_the_same()
    {
        SpanLogKeys keys = new(new ReadLimits(), new JsonScanner(64));
        for (int i = 0; i < SpanLogKeys.Remembered; i++)
        {
            byte[] name = Encoding.UTF8.GetBytes(i.ToString("'field'0", CultureInfo.InvariantCulture));
            keys.Get(name, name, (int)FieldPlace.Record);
        }

        FieldKey first = keys.Get("late"u8, "late"u8, (int)FieldPlace.Record);
        FieldKey second = keys.Get("late"u8, "late"u8, (int)FieldPlace.Record);

        Assert.NotSame(first, second);
        Assert.Same(first.Attribute, second.Attribute);
        Assert.Equal(SpanLogField.TraceId, keys.Get("trace_id"u8, "trace_id"u8, (int)FieldPlace.Record).Field);
    }

    private static int Chain(FieldKey key)
    {
        int length = 0;
        for (FieldKey? at = key; at is not null; at = at.NextInBucket)
        {
            length++;
        }

        return length;
    }
}
