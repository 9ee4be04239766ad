using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Registry.StorageService.Features.Deleting;

/// <summary>
/// A moment as ISO 8601 writes it, with seconds; UTC unless it says otherwise. Nothing else is taken for one: a time that was guessed could
/// remove what is in use.
/// </summary>
internal sealed record LeaseTime : IParsable<LeaseTime>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    private LeaseTime(DateTimeOffset value) => Value = value;

    /// <summary>The moment.</summary>
    public DateTimeOffset Value { get; }

    /// <inheritdoc/>
    public static LeaseTime Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var time) ? time : throw new FormatException("A time is written as in ISO 8601.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out LeaseTime result)
    {
        result = DateTimeOffset.TryParseExact(s, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? new LeaseTime(value) : null;
        return result is not null;
    }
}
