using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Api.Statistics;

/// <summary>What came in, by day and service: for reviewing volume, bad senders and sampling rates.</summary>
public sealed class UsageFunction(UsageStore usage, TimeProvider clock)
{
    private const int DefaultDays = 7;
    private const int MaxDays = 92;
    private const int HoursPerDay = 24;

    /// <summary>Days in UTC, newest first: <c>from</c> and <c>to</c> (both included) as <c>yyyy-MM-dd</c>; by default the last seven.</summary>
    [Function("GetUsage")]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/usage")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        DateOnly today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (!TryDay(request, "to", today, out DateOnly to) || !TryDay(request, "from", to.AddDays(1 - DefaultDays), out DateOnly from))
        {
            return Problem.BadRequest("'from' and 'to' must be days such as 2026-02-26.");
        }

        int days = to.DayNumber - from.DayNumber + 1;
        if (days is < 1 or > MaxDays)
        {
            return Problem.BadRequest($"'from' must not be after 'to', and they must not span more than {MaxDays} days.");
        }

        IReadOnlyList<UsageHour> hours = await usage.ReadAsync(FirstHourOf(from), FirstHourOf(to.AddDays(1)), cancellationToken).ConfigureAwait(false);
        return Results.Json(UsageResponse.Of(from, to, hours), HttpJson.Default.UsageResponse);
    }

    private static bool TryDay(HttpRequest request, string name, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        string text = request.Query[name].ToString();
        return text.Length == 0
            || (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day.Year is >= 1970 and < 3000);
    }

    private static int FirstHourOf(DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * HoursPerDay;
}
