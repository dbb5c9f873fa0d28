using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>Of which values of a business key count, sum and distribution are collected.</summary>
/// <param name="Key">The configured key, such as <c>amount</c>.</param>
/// <param name="Service">The service of the traces' root.</param>
/// <param name="Outcome">How the traces ended.</param>
public readonly record struct BusinessSeries(string Key, string Service, TraceStatus Outcome);
