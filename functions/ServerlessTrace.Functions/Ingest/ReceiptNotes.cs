using System.Globalization;

namespace ServerlessTrace.Functions.Ingest;

/// <summary>What receipts tell senders beside counts.</summary>
internal static class ReceiptNotes
{
    /// <summary>That span parts were left out.</summary>
    public static string Erased(long parts) => string.Create(
        CultureInfo.InvariantCulture, $"{parts} span part(s) are not stored: their traces were erased, and do not come back. See /api/erasures.");
}
