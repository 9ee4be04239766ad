using System.Globalization;

namespace Registry.Web.Shell;

/// <summary>One page of many.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Size">Entries on a page.</param>
/// <param name="Total">Entries on all pages.</param>
public sealed record Paging(int Number, int Size, long Total)
{
    /// <summary>No address asks for more entries than this to be skipped: nobody reads that far, and engines pay for it.</summary>
    public const int MaxSkipped = 10_000;

    /// <summary>How many pages can be asked for; at least 1.</summary>
    public int Pages => (int)Math.Max(1, Math.Min((Total + Size - 1) / Size, MaxSkipped / Size));

    /// <summary>Entries before this page.</summary>
    public int Skipped => (Number - 1) * Size;

    /// <summary>Reads a page number from an address; anything that is none is the first page.</summary>
    public static int NumberFrom(string? text, int size) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Clamp(number, 1, MaxSkipped / size)
            : 1;
}
