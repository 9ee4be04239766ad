using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Registry.PackageService.Packages;

/// <summary>
/// The days that downloads are asked for (npm protocol 3.14): <c>last-day</c>, <c>last-week</c>, <c>last-month</c>, <c>last-year</c>,
/// a day, or two days and all between. The first four end today, UTC, as far as the day has come.
/// </summary>
internal sealed record DownloadPeriod : IParsable<DownloadPeriod>
{
    /// <summary>The most days, and how long they are kept.</summary>
    public const int MostDays = 400;

    /// <summary>What a period looks like.</summary>
    public static readonly string Expected = string.Create(
        CultureInfo.InvariantCulture, $"Expected last-day, last-week, last-month, last-year, YYYY-MM-DD or YYYY-MM-DD:YYYY-MM-DD with at most {MostDays} days");

    private const string DayFormat = "yyyy-MM-dd";

    private readonly int _daysUntilToday;
    private readonly (DateOnly Start, DateOnly End) _days;

    private DownloadPeriod(int daysUntilToday) => _daysUntilToday = daysUntilToday;

    private DownloadPeriod(DateOnly start, DateOnly end) => _days = (start, end);

    /// <summary>Seven days.</summary>
    public static DownloadPeriod LastWeek { get; } = new(7);

    /// <inheritdoc/>
    public static DownloadPeriod Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var period) ? period : throw new FormatException(Expected);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out DownloadPeriod result)
    {
        result = s switch
        {
            "last-day" => new DownloadPeriod(1),
            "last-week" => LastWeek,
            "last-month" => new DownloadPeriod(30),
            "last-year" => new DownloadPeriod(365),
            _ => OfDays(s?.Split(':') ?? []),
        };
        return result is not null;
    }

    /// <summary>A day as documents write it.</summary>
    public static string Text(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);

    /// <summary>Its first and last day.</summary>
    public (DateOnly Start, DateOnly End) Until(DateOnly today) => _daysUntilToday > 0 ? (today.AddDays(1 - _daysUntilToday), today) : _days;

    private static DownloadPeriod? OfDays(string[] parts) =>
        parts.Length is 1 or 2
        && DateOnly.TryParseExact(parts[0], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
        && DateOnly.TryParseExact(parts[^1], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var end)
        && end.DayNumber - start.DayNumber is >= 0 and < MostDays
            ? new DownloadPeriod(start, end)
            : null;
}
