using System.Text;
using System.Text.Json;

namespace ServerlessTrace.LocalHost.Durable;

/// <summary>Values as they travel between orchestrators, activities and clients: JSON by web defaults, on every host alike.</summary>
internal static class Payload
{
    public const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = JsonSerializerOptions.Web;

    /// <exception cref="PayloadTooLargeException">Over 1 MiB.</exception>
    public static string? Write(object? value, string what, int limit = MaxBytes)
    {
        if (value is null)
        {
            return null;
        }

        string json = JsonSerializer.Serialize(value, value.GetType(), Options);
        int bytes = Encoding.UTF8.GetByteCount(json);
        return bytes <= limit ? json : throw new PayloadTooLargeException(what, bytes, limit);
    }

    public static T? Read<T>(string? json) => json is null ? default : JsonSerializer.Deserialize<T>(json, Options);

    public static object? Read(string? json, Type type) => json is null ? null : JsonSerializer.Deserialize(json, type, Options);
}
