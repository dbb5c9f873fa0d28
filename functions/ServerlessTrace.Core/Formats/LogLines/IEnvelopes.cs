namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>Knows what stood around the records of a source.</summary>
internal interface IEnvelopes
{
    /// <summary>What stood around the record on a line.</summary>
    ref readonly Envelope Of(long line);
}
