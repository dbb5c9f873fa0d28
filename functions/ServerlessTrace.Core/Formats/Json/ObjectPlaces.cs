using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Json;

/// <summary>What an object is for a <see cref="JsonRecordReader"/>, by the first of its fields that tells.</summary>
/// <param name="places">Names of telling fields, and the place that each tells.</param>
/// <param name="likeliest">The place of an object that is too long to be looked through.</param>
internal sealed class ObjectPlaces(int likeliest, params (string Name, int Place)[] places)
{
    /// <summary>A value that is passed.</summary>
    public const int Passed = -1;

    /// <summary>More of the object is needed.</summary>
    public const int Unclear = -2;

    /// <summary>No field tells.</summary>
    public const int None = -3;

    private readonly (byte[] Name, int Place)[] _places = [.. places.Select(static place => (System.Text.Encoding.UTF8.GetBytes(place.Name), place.Place))];

    /// <summary>The place that an object's fields tell.</summary>
    /// <param name="content">The content from the object's brace.</param>
    /// <param name="isAll">Whether no more content is waited for.</param>
    public int Of(ReadOnlySpan<byte> content, bool isAll)
    {
        Utf8JsonReader json = new(content, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512, AllowMultipleValues = true }));
        try
        {
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                foreach ((byte[] name, int place) in _places)
                {
                    if (json.ValueTextEquals(name))
                    {
                        return place;
                    }
                }

                if (!json.Read() || !json.TrySkip())
                {
                    break;
                }
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // The record's reader says what is wrong.
            return None;
        }

        return json.TokenType == JsonTokenType.EndObject && json.CurrentDepth == 0 ? None : isAll ? likeliest : Unclear;
    }
}
