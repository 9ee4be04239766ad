using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Advisories;

/// <summary>An advisory as administrators write and read it: the body of <c>/api/v1/advisories</c>, one line of a file that is imported.</summary>
/// <param name="Id">Its number, from 1 to what JavaScript holds exactly.</param>
/// <param name="Package">The package's full name.</param>
/// <param name="Title">One line.</param>
/// <param name="Url">Where people read more.</param>
/// <param name="Severity">One of <see cref="Severities"/>.</param>
/// <param name="VulnerableVersions">The range of versions that have it.</param>
/// <param name="PatchedVersions">The range of those that do not any more; null when there are none.</param>
/// <param name="Cwe">Kinds of weakness.</param>
/// <param name="Cvss">How grave it is.</param>
/// <param name="Overview">What it is.</param>
/// <param name="Recommendation">What to do.</param>
/// <param name="Access">Default: <c>public</c>.</param>
/// <param name="PublishedAt">Default: now.</param>
/// <param name="UpdatedAt">Default: now.</param>
/// <param name="WithdrawnAt">Since when it is known to be a mistake.</param>
/// <param name="Source">Default: <c>local</c>.</param>
internal sealed record AdvisoryEntry(
    long? Id,
    string? Package,
    string? Title,
    string? Url,
    string? Severity,
    string? VulnerableVersions,
    string? PatchedVersions,
    IReadOnlyList<string>? Cwe,
    CvssEntry? Cvss,
    string? Overview,
    string? Recommendation,
    string? Access,
    DateTimeOffset? PublishedAt,
    DateTimeOffset? UpdatedAt,
    DateTimeOffset? WithdrawnAt,
    string? Source)
{
    private const long HighestId = 9007199254740991;
    private const int LongestWord = 64;
    private const int LongestLine = 500;
    private const int LongestUrl = 2000;
    private const int LongestText = 32 * 1024;
    private const int MostCwe = 50;

    /// <summary>From harmless to grave, as clients know them (npm protocol 3.9).</summary>
    public static IReadOnlyList<string> Severities { get; } = ["info", "low", "moderate", "high", "critical"];

    /// <summary>Why it cannot be kept, as a sentence; null when it can.</summary>
    public string? Problem =>
        Id is not (>= 1 and <= HighestId) ? $"'id' must be a number from 1 to {HighestId}"
        : !PackageName.TryParse(Package ?? "", out var name) || name.Value != Package ? "'package' must be the full name of a package"
        : !IsText(Title, LongestLine) ? $"'title' is needed, at most {LongestLine} characters"
        : !IsUrl(Url) ? "'url' must be an http or https URL"
        : !Severities.Contains(Severity) ? $"'severity' must be one of {string.Join(", ", Severities)}"
        : !IsRange(VulnerableVersions) ? "'vulnerableVersions' must be a range of versions such as <1.2.3"
        : PatchedVersions is not null && !IsRange(PatchedVersions) ? "'patchedVersions' must be a range of versions, or left out when there are none"
        : ProblemOfDetails;

    private string? ProblemOfDetails =>
        Cwe is not null && (Cwe.Count > MostCwe || !Cwe.All(static one => IsText(one, LongestWord))) ? $"'cwe' must be at most {MostCwe} texts such as CWE-79"
        : Cvss?.Score is not (null or (>= 0 and <= 10)) ? "'cvss.score' must be from 0 to 10"
        : !IsAbsentOr(Cvss?.Vector, LongestLine) ? "'cvss.vector' is too long"
        : !IsAbsentOr(Overview, LongestText) || !IsAbsentOr(Recommendation, LongestText) ? $"'overview' and 'recommendation' are at most {LongestText} characters long"
        : !IsAbsentOr(Access, LongestWord) || !IsAbsentOr(Source, LongestWord) ? $"'access' and 'source' are at most {LongestWord} characters long"
        : null;

    public static AdvisoryEntry Of(AdvisoryRow row) =>
        new(
            row.Id,
            row.Package,
            row.Title,
            row.Url,
            row.Severity,
            row.VulnerableVersions,
            row.PatchedVersions,
            row.Cwe,
            row.CvssScore is null && row.CvssVector is null ? null : new CvssEntry(row.CvssScore, row.CvssVector),
            row.Overview,
            row.Recommendation,
            row.Access,
            row.PublishedAt,
            row.UpdatedAt,
            row.WithdrawnAt,
            row.Source);

    /// <summary>As it is kept; only of an entry without a <see cref="Problem"/>.</summary>
    public AdvisoryRow ToRow(DateTimeOffset now) =>
        new()
        {
            Id = Id!.Value,
            Package = Package!,
            Title = Title!,
            Url = Url!,
            Severity = Severity!,
            VulnerableVersions = VulnerableVersions!,
            PatchedVersions = PatchedVersions,
            Cwe = [.. Cwe ?? []],
            CvssScore = Cvss?.Score,
            CvssVector = Cvss?.Vector,
            Overview = Overview,
            Recommendation = Recommendation,
            Access = Access ?? "public",
            PublishedAt = (PublishedAt ?? now).ToUniversalTime(),
            UpdatedAt = (UpdatedAt ?? now).ToUniversalTime(),
            WithdrawnAt = WithdrawnAt?.ToUniversalTime(),
            Source = Source ?? "local",
        };

    private static bool IsText(string? text, int longest) => !string.IsNullOrWhiteSpace(text) && IsAbsentOr(text, longest);

    private static bool IsAbsentOr(string? text, int longest) => text is null || (text.Length <= longest && !text.Contains('\0', StringComparison.Ordinal));

    private static bool IsUrl(string? text) =>
        IsText(text, LongestUrl) && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    private static bool IsRange(string? text) => IsText(text, SemVersionRange.MaxLength) && SemVersionRange.TryParse(text, out _);
}

/// <summary>How grave a weakness is by the Common Vulnerability Scoring System.</summary>
/// <param name="Score">From 0 to 10.</param>
/// <param name="Vector">How that comes.</param>
internal sealed record CvssEntry(double? Score, string? Vector);
