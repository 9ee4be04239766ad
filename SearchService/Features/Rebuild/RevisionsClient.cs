using System.Runtime.CompilerServices;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>Asks PackageService what the packages were at a position of the feed.</summary>
internal sealed class RevisionsClient(HttpClient http)
{
    /// <summary>All of them in one number.</summary>
    /// <exception cref="HttpRequestException">PackageService is not reachable or does not answer.</exception>
    public async Task<RevisionDigestResponse> DigestAsync(long position, IReadOnlyList<PackageKey> except, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(
            new Uri(PackageRoutes.RevisionDigest, UriKind.Relative), new RevisionDigestRequest(position, except), RegistryJson.Options, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<RevisionDigestResponse>(RegistryJson.Options, cancellationToken))!;
    }

    /// <summary>Each of them, in byte order of repository and name.</summary>
    /// <exception cref="HttpRequestException">PackageService is not reachable or does not answer.</exception>
    public async IAsyncEnumerable<PackageRevision> ListAsync(long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (repository, package) = ("", "");
        while (true)
        {
            var target = FormattableString.Invariant(
                $"{PackageRoutes.Revisions}?position={position}&afterRepository={Uri.EscapeDataString(repository)}&afterPackage={Uri.EscapeDataString(package)}");
            using var response = await http.GetAsync(new Uri(target, UriKind.Relative), cancellationToken);
            response.EnsureSuccessStatusCode();
            var page = (await response.Content.ReadFromJsonAsync<RevisionsPage>(RegistryJson.Options, cancellationToken))!;
            if (page.Revisions.Count == 0)
            {
                yield break;
            }

            foreach (var revision in page.Revisions)
            {
                (repository, package) = (revision.Repository, revision.Package);
                yield return new PackageRevision(repository, package, revision.Revision);
            }
        }
    }
}
