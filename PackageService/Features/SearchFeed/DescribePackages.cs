using System.Data;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.SearchFeed;

/// <summary>Says what search has to know of packages, with as many queries for a hundred as for one.</summary>
internal sealed class DescribePackages(PackageDbContext db)
{
    /// <summary>The documents of those packages that exist or once existed.</summary>
    public async Task<IReadOnlyList<SearchDocumentResponse>> ExecuteAsync(IReadOnlyList<PackageKey> packages, CancellationToken cancellationToken)
    {
        // One snapshot: a document and its revision belong together.
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var documents = new List<SearchDocumentResponse>();
        foreach (var repository in packages.GroupBy(key => key.Repository, key => key.Package, StringComparer.Ordinal))
        {
            var names = repository.Distinct(StringComparer.Ordinal).ToList();
            var known = await DescribeAsync(repository.Key, names, cancellationToken);
            documents.AddRange(known);
            var gone = names.Except(known.Select(document => document.Package), StringComparer.Ordinal).ToList();
            if (gone.Count > 0)
            {
                documents.AddRange(await DescribeRemovedAsync(repository.Key, gone, cancellationToken));
            }
        }

        return documents;
    }

    private async Task<List<SearchDocumentResponse>> DescribeAsync(string repository, List<string> names, CancellationToken cancellationToken)
    {
        var found = await (
            from p in db.Packages.AsNoTracking()
            join r in db.Repositories.AsNoTracking() on p.RepositoryId equals r.Id
            where r.Name == repository && names.Contains(p.Name)
            select new { Repository = r, Package = p })
            .ToListAsync(cancellationToken);
        var ids = found.ConvertAll(one => one.Package.Id);
        var maintainers = (await db.Maintainers.AsNoTracking().Where(m => ids.Contains(m.PackageId)).OrderBy(m => m.UserName).ToListAsync(cancellationToken))
            .ToLookup(m => m.PackageId);
        var restricted = found.FindAll(one => one.Package.Visibility == Visibility.Restricted).ConvertAll(one => one.Package.Id);
        var teams = restricted.Count == 0
            ? Enumerable.Empty<Grant>().ToLookup(g => g.PackageId)
            : (await db.Grants.AsNoTracking().Where(g => restricted.Contains(g.PackageId)).OrderBy(g => g.TeamId).ToListAsync(cancellationToken)).ToLookup(g => g.PackageId);
        var documents = found.ToDictionary(one => one.Package.Id, one => new SearchDocumentResponse
        {
            Repository = repository,
            Package = one.Package.Name,
            Revision = one.Package.Revision,
            Maintainers = [.. maintainers[one.Package.Id].Select(m => new Person(m.UserName, m.Email))],
            Readers = ReadersOf(one.Repository, one.Package, maintainers[one.Package.Id], teams[one.Package.Id]),
        });
        await foreach (var latest in LatestOf(ids).WithCancellation(cancellationToken)) // one manifest in memory at a time
        {
            documents[latest.PackageId] = Fill(documents[latest.PackageId], latest);
        }

        return [.. documents.Values];
    }

    private IAsyncEnumerable<LatestVersion> LatestOf(List<long> ids) =>
        (from tag in db.DistTags
         join version in db.Versions.AsNoTracking() on new { tag.PackageId, tag.Version } equals new { version.PackageId, version.Version }
         where ids.Contains(tag.PackageId) && tag.Tag == DistTagName.Latest.Value
         select new LatestVersion(tag.PackageId, version.Version, version.Manifest, version.PublishedAt, version.PublisherName, version.PublisherEmail))
        .AsAsyncEnumerable();

    private static SearchDocumentResponse Fill(SearchDocumentResponse document, LatestVersion latest)
    {
        using var manifest = ManifestJson.Parse(latest.Manifest);
        var root = manifest.RootElement;
        var (author, authorEmail) = AuthorOf(root);
        return document with
        {
            Version = latest.Version,
            Description = root.Text("description"),
            Keywords = root.Texts("keywords"),
            Author = author,
            AuthorEmail = authorEmail,
            License = root.TextOrInner("license", "type"),
            Homepage = root.Text("homepage"),
            RepositoryUrl = root.TextOrInner("repository", "url"),
            BugsUrl = root.TextOrInner("bugs", "url"),
            PublishedAt = latest.PublishedAt,
            Publisher = new Person(latest.PublisherName, latest.PublisherEmail),
        };
    }

    /// <summary>An object, or <c>Name &lt;e-mail&gt; (url)</c> in one text.</summary>
    private static (string? Name, string? Email) AuthorOf(JsonElement manifest)
    {
        if (manifest.Text("author") is not { } text)
        {
            return manifest.TryGetProperty("author", out var author) ? (author.Text("name"), author.Text("email")) : (null, null);
        }

        var ends = text.AsSpan().IndexOfAny('<', '(');
        var name = ends < 0 ? text : text[..ends];
        var from = text.IndexOf('<', StringComparison.Ordinal) + 1;
        var to = text.IndexOf('>', StringComparison.Ordinal);
        return (name.Trim(), from > 0 && to > from ? text[from..to].Trim() : null);
    }

    private static IReadOnlyList<string> ReadersOf(
        PackageRepository repository, Package package, IEnumerable<Maintainer> maintainers, IEnumerable<Grant> teams) =>
        package.Visibility == Visibility.Restricted ? [.. maintainers.Select(m => $"user:{m.UserId}"), .. teams.Select(g => $"team:{g.TeamId}")]
        : repository.ReadAccess == ReadAccess.SignedIn ? [SearchDocumentResponse.SignedIn]
        : [SearchDocumentResponse.Everyone];

    /// <summary>Packages that are gone still have their last position as revision.</summary>
    private Task<List<SearchDocumentResponse>> DescribeRemovedAsync(string repository, List<string> names, CancellationToken cancellationToken) =>
        db.Changes
            .Where(c => c.Repository == repository && names.Contains(c.Package))
            .GroupBy(c => c.Package)
            .Select(package => new SearchDocumentResponse
            {
                Repository = repository,
                Package = package.Key,
                Revision = package.Max(c => c.Position),
                Removed = true,
            })
            .ToListAsync(cancellationToken);

    private sealed record LatestVersion(
        long PackageId, string Version, string Manifest, DateTimeOffset PublishedAt, string PublisherName, string? PublisherEmail);
}
