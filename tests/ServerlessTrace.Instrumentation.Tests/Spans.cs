using System.Diagnostics;

namespace ServerlessTrace.Instrumentation.Tests;

/// <summary>Listens to spans while a test runs.</summary>
internal sealed class Spans : IDisposable
{
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public Spans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkSource.Name || sources.Contains(source.Name),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_ended)
                {
                    _ended.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Ended
    {
        get
        {
            lock (_ended)
            {
                return [.. _ended];
            }
        }
    }

    public Activity Single(string name) => Assert.Single(Ended, span => span.DisplayName == name);

    public void Dispose() => _listener.Dispose();
}
