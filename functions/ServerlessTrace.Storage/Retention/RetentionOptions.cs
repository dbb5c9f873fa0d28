using System.ComponentModel.DataAnnotations;

namespace ServerlessTrace.Storage.Retention;

/// <summary>How long what is stored is kept.</summary>
public sealed class RetentionOptions : IValidatableObject
{
    /// <summary>Whether anything is deleted because of its age. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long traces are kept, counted from their start or, if that is later, from when they were sealed. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Traces { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long traces with an error, and slow ones, are kept instead. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan ErrorsAndSlow { get; set; } = TimeSpan.FromDays(30);

    /// <summary>From which duration on a trace is slow. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan SlowFrom { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long receipts are kept. Their counts are kept for <see cref="Usage"/>. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Receipts { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the deliveries of webhooks are listed, and can be replayed. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "8.00:00:00", "3650.00:00:00")]
    public TimeSpan Deliveries { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the usage of each hour is kept. Default 400 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Usage { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long copies of sources that could not be read are kept. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Rejected { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long messages stay in poison queues, and the histories of failed orchestrations. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Failures { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long records of erasures are kept, and erased traces from coming back. Default 1,095 days.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "3650.00:00:00")]
    public TimeSpan Erasures { get; set; } = TimeSpan.FromDays(1_095);

    /// <summary>
    /// How long the blobs that you send are kept in <c>span-logs</c>, counted from their last change; zero, the default, for ever: they are yours, and a lifecycle rule of
    /// the storage account costs less.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RawLogs { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ErrorsAndSlow < Traces)
        {
            yield return new ValidationResult("Retention: ErrorsAndSlow must not be shorter than Traces.");
        }
    }
}
