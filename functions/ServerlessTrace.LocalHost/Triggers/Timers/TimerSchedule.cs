using System.Globalization;
using Cronos;

namespace ServerlessTrace.LocalHost.Triggers.Timers;

/// <summary>When a timer function is due: an NCRONTAB expression (six fields, seconds first, or five) or a fixed interval.</summary>
internal sealed class TimerSchedule
{
    private readonly CronExpression? _expression;
    private readonly TimeSpan _interval;

    private TimerSchedule(CronExpression? expression, TimeSpan interval)
    {
        _expression = expression;
        _interval = interval;
    }

    /// <summary>Null when the text is neither.</summary>
    public static TimerSchedule? TryParse(string text)
    {
        string[] fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 1)
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval) && interval > TimeSpan.Zero
                ? new TimerSchedule(null, interval)
                : null;
        }

        try
        {
            CronFormat format = fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
            return new TimerSchedule(CronExpression.Parse(string.Join(' ', fields), format), default);
        }
        catch (CronFormatException)
        {
            return null;
        }
    }

    /// <summary>The first occurrence after a time; null where there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset time) =>
        _expression is null ? time + _interval : _expression.GetNextOccurrence(time, TimeZoneInfo.Utc);

    /// <summary>Whether two occurrences may be less than a minute apart; such schedules are not monitored, as on the platform.</summary>
    public bool IsOftenerThanEachMinute(DateTimeOffset now)
    {
        DateTimeOffset? previous = After(now);
        for (int i = 0; i < 5 && previous is { } earlier; i++)
        {
            DateTimeOffset? next = After(earlier);
            if (next - earlier < TimeSpan.FromMinutes(1))
            {
                return true;
            }

            previous = next;
        }

        return false;
    }
}
