namespace Registry.SearchService.Features.Search;

/// <summary>Bounds of what may be asked, the same in every dialect.</summary>
internal static class SearchParameters
{
    /// <summary>The longest text that is looked at; more is cut off (P13).</summary>
    public const int LongestText = 256;

    /// <summary>How far into the matches a page may begin.</summary>
    public const int Deepest = 10_000;

    /// <summary>The text to search for: bounded, without characters no name or word has.</summary>
    public static string Text(string? sent)
    {
        var text = string.Concat((sent ?? "").Where(character => !char.IsControl(character)));
        return (text.Length > LongestText ? text[..LongestText] : text).Trim();
    }

    /// <summary>A number within its bounds; what is not a number counts as not sent.</summary>
    public static int Number(string? sent, int usual, int atMost) =>
        int.TryParse(sent, System.Globalization.CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 0, atMost) : usual;
}
