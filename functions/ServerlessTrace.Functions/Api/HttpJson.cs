using System.Text.Json.Serialization;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Functions.Api.Statistics;
using ServerlessTrace.Functions.Erasure;
using ServerlessTrace.Functions.Ingest;
using ServerlessTrace.Storage.Search;

namespace ServerlessTrace.Functions.Api;

/// <summary>The JSON of answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TraceListResponse))]
[JsonSerializable(typeof(ReceiptListResponse))]
[JsonSerializable(typeof(ReceiptResponse))]
[JsonSerializable(typeof(Rejection))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(UsageResponse))]
[JsonSerializable(typeof(ErasureResponse))]
[JsonSerializable(typeof(ErasureListResponse))]
internal sealed partial class HttpJson : JsonSerializerContext;
