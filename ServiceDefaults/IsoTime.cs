using System.Globalization;

namespace Registry.ServiceDefaults;

/// <summary>Moments as npm's documents write them: ISO 8601, UTC, milliseconds.</summary>
public static class IsoTime
{
    /// <summary>The text of a moment.</summary>
    public static string Of(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
