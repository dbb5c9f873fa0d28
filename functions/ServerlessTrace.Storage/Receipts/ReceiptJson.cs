using System.Text.Json.Serialization;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Storage.Receipts;

/// <summary>How a receipt's lists are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<Rejection>))]
[JsonSerializable(typeof(IReadOnlyList<ServiceSpans>))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
