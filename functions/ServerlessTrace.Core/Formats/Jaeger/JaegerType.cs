namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>What a tag's value is (jaegertracing/jaeger, <c>internal/uimodel/model.go</c>, <c>ValueType</c>).</summary>
internal enum JaegerType : byte
{
    /// <summary>Not said: what the value's JSON is.</summary>
    Unknown = 0,

    Text,
    Int64,
    Float64,
    Bool,

    /// <summary>Bytes in base64.</summary>
    Binary,
}
