namespace ServerlessTrace.FunctionModel;

/// <summary>What a timer function is told of its schedule.</summary>
public class TimerInfo
{
    /// <summary>Last and next occurrence; null where the schedule is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run was due earlier.</summary>
    public bool IsPastDue { get; set; }
}
