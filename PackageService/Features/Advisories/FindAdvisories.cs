using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Advisories;

/// <summary>
/// Which advisories installed packages have. Answered from the table alone: what somebody has installed names packages nobody else may
/// know of, so none of it is asked anywhere else (npm protocol 3.9, 3.15).
/// </summary>
internal sealed class FindAdvisories(PackageDbContext db)
{
    /// <summary>The advisories of these versions, by package.</summary>
    /// <param name="installed">Versions by full name; what is no version has no advisories.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<FoundAdvisory>> ExecuteAsync(IReadOnlyDictionary<string, HashSet<string>> installed, CancellationToken cancellationToken)
    {
        var advisories = installed.Count == 0 ? [] : await db.AdvisoriesOfAsync([.. installed.Keys], cancellationToken);
        var found = new List<FoundAdvisory>();
        foreach (var ofPackage in advisories.GroupBy(static advisory => advisory.Package, StringComparer.Ordinal))
        {
            var versions = installed[ofPackage.Key].Select(static text => (Text: text, Version: Read(text))).Where(static one => one.Version is not null).ToList();
            foreach (var advisory in ofPackage)
            {
                var vulnerable = SemVersionRange.TryParse(advisory.VulnerableVersions, out var range)
                    ? versions.Where(one => range.Contains(one.Version!)).Select(static one => one.Text).ToList()
                    : [];
                if (vulnerable.Count > 0)
                {
                    found.Add(new FoundAdvisory(advisory, vulnerable));
                }
            }
        }

        return found;
    }

    /// <summary>A manifest may say <c>v1.2.3</c> or <c>=1.2.3</c>, which clients read as well.</summary>
    private static SemVersion? Read(string text) => SemVersion.TryParse(text.AsSpan().TrimStart("v= ").ToString(), out var version) ? version : null;
}

/// <summary>An advisory and the versions of those asked about that have it.</summary>
internal sealed record FoundAdvisory(AdvisoryRow Advisory, IReadOnlyList<string> Versions);
