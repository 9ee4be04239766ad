using System.Data;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.SearchFeed;

/// <summary><see cref="PackageRoutes.SearchDocument"/>: what search re-reads when a package changed.</summary>
internal static class SearchDocumentEndpoint
{
    public static void MapSearchDocument(this IEndpointRouteBuilder routes) => routes.MapGet(PackageRoutes.SearchDocument, GetDocumentAsync);

    private static async Task<IResult> GetDocumentAsync(
        PackageDbContext db, string? repository, string? package, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(package))
        {
            return RegistryProblem.Create(400, "bad_request", "'repository' and 'package' are needed");
        }

        // One snapshot: the document and its revision belong together.
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var document = await DescribeAsync(db, repository, package, cancellationToken)
            ?? await DescribeRemovedAsync(db, repository, package, cancellationToken);
        return document is null
            ? RegistryProblem.Create(404, "package_not_found", "There never was such a package")
            : TypedResults.Ok(document);
    }

    private static async Task<SearchDocumentResponse?> DescribeAsync(
        PackageDbContext db, string repository, string name, CancellationToken cancellationToken)
    {
        var found = await (
            from p in db.Packages.AsNoTracking()
            join r in db.Repositories.AsNoTracking() on p.RepositoryId equals r.Id
            where r.Name == repository && p.Name == name
            select new { Repository = r, Package = p })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }

        var (home, package) = (found.Repository, found.Package);
        var maintainers = await db.Maintainers.AsNoTracking().Where(m => m.PackageId == package.Id).OrderBy(m => m.UserName).ToListAsync(cancellationToken);
        var document = new SearchDocumentResponse
        {
            Repository = repository,
            Package = name,
            Revision = package.Revision,
            Maintainers = [.. maintainers.Select(m => new Person(m.UserName, m.Email))],
            Readers = await ReadersOfAsync(db, home, package, maintainers, cancellationToken),
        };
        return await db.FindVersionAsync(package.Id, DistTagName.Latest.Value, cancellationToken) is { } latest ? Fill(document, latest) : document;
    }

    private static SearchDocumentResponse Fill(SearchDocumentResponse document, PackageVersion latest)
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

    private static async Task<IReadOnlyList<string>> ReadersOfAsync(
        PackageDbContext db, PackageRepository repository, Package package, List<Maintainer> maintainers, CancellationToken cancellationToken) =>
        package.Visibility == Visibility.Restricted
            ? [
                .. maintainers.Select(m => $"user:{m.UserId}"),
                .. await db.Grants.Where(g => g.PackageId == package.Id).OrderBy(g => g.TeamId).Select(g => $"team:{g.TeamId}").ToListAsync(cancellationToken),
            ]
        : repository.ReadAccess == ReadAccess.SignedIn ? [SearchDocumentResponse.SignedIn]
        : [SearchDocumentResponse.Everyone];

    /// <summary>A package that is gone still has its last position as revision.</summary>
    private static async Task<SearchDocumentResponse?> DescribeRemovedAsync(
        PackageDbContext db, string repository, string name, CancellationToken cancellationToken)
    {
        var last = await db.Changes
            .Where(c => c.Repository == repository && c.Package == name)
            .MaxAsync(c => (long?)c.Position, cancellationToken);
        return last is null
            ? null
            : new SearchDocumentResponse { Repository = repository, Package = name, Revision = last.Value, Removed = true };
    }
}
