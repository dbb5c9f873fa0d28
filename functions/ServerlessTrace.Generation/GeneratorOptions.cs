namespace ServerlessTrace.Generation;

/// <summary>What to generate. Equal options give equal bytes, on every machine.</summary>
public sealed record GeneratorOptions
{
    /// <summary>How many spans; exact for <see cref="LoadShape.Realistic"/>, rounded up to whole traces for <see cref="LoadShape.Benchmark"/>.</summary>
    public long Spans { get; init; } = 1_000;

    /// <summary>What all random choices, ids included, follow from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>When the first trace starts.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 2, 26, 18, 0, 0, TimeSpan.Zero);

    /// <summary>What the load looks like.</summary>
    public LoadShape Shape { get; init; }

    /// <summary>How many traces start in a second.</summary>
    public int TracesPerSecond { get; init; } = 100;

    /// <summary>How many traces are generated, and their records mixed by time, at once.</summary>
    public int TracesPerBatch { get; init; } = 64;
}
