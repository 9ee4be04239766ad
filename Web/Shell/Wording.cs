using System.Globalization;

namespace Registry.Web.Shell;

/// <summary>How the pages write sizes, dates and addresses.</summary>
internal static class Wording
{
    private static readonly string[] Units = ["kB", "MB", "GB"];

    /// <summary>A size for people, in powers of 1000 as npm prints it: <c>812 B</c>, <c>12.3 kB</c>.</summary>
    public static string Size(long bytes)
    {
        if (bytes < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        var value = bytes / 1000.0;
        var unit = 0;
        while (value >= 999.95 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }

    /// <summary>A day, UTC.</summary>
    public static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A moment for programs that read the page.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The page of a package. The slash after a scope stays one, as people write it.</summary>
    public static string PackagePath(string name) => $"/packages/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString)).Replace("%40", "@", StringComparison.Ordinal)}";

    /// <summary>An address from a manifest that may become a link; null for anything a browser might run.</summary>
    public static Uri? WebAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address
            : null;
}
