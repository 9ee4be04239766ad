using System.Globalization;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;

namespace Registry.SearchService.Features.Search;

/// <summary>The answer of <c>GET /-/v1/search</c> (npm protocol 3.8). npm fails without <c>maintainers[].username</c> and prints "prehistoric" without <c>date</c>.</summary>
/// <param name="Objects">The page.</param>
/// <param name="Total">All matches.</param>
/// <param name="Time">When this was answered.</param>
/// <param name="Partial">An upstream did not answer; npm does not look at it.</param>
internal sealed record NpmSearchDocument(IReadOnlyList<NpmSearchObject> Objects, long Total, string Time, bool? Partial)
{
    /// <summary>Renders a page.</summary>
    public static NpmSearchDocument Of(SearchAnswer page, string publicUrl, DateTimeOffset now) =>
        new([.. page.Packages.Select(hit => NpmSearchObject.Of(hit, publicUrl))], page.Total, NpmSearchObject.Iso(now), page.Partial);
}

internal sealed record NpmSearchObject(NpmSearchPackage Package, NpmSearchScore Score, double SearchScore, NpmSearchFlags? Flags)
{
    public static NpmSearchObject Of(FoundPackage hit, string publicUrl) =>
        new(NpmSearchPackage.Of(hit, publicUrl), NpmSearchScore.Of(hit.Score), hit.Score, NpmSearchFlags.Of(hit.Document.Version!));

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A package; for one of an upstream, which does not say who publishes it, npm prints the upstream's name as that of its people.</summary>
internal sealed record NpmSearchPackage(
    string Name,
    string Scope,
    string Version,
    string? Description,
    IReadOnlyList<string> Keywords,
    string? Date,
    NpmSearchLinks Links,
    NpmSearchPerson? Publisher,
    IReadOnlyList<NpmSearchPerson> Maintainers,
    string? License,
    string? Upstream)
{
    public static NpmSearchPackage Of(FoundPackage hit, string publicUrl)
    {
        var document = hit.Document;
        var upstream = hit.Upstream is { } name ? new NpmSearchPerson(name, null) : null;
        return new NpmSearchPackage(
            document.Package,
            Tokenizer.ScopeOf(document.Package) ?? "unscoped",
            document.Version!,
            document.Description,
            document.Keywords,
            document.PublishedAt is { } published ? NpmSearchObject.Iso(published) : null,
            new NpmSearchLinks($"{publicUrl}/{document.Package}", document.Homepage, document.RepositoryUrl, document.BugsUrl),
            upstream ?? NpmSearchPerson.Of(document.Publisher),
            upstream is null ? [.. document.Maintainers.Select(maintainer => new NpmSearchPerson(maintainer.Name, maintainer.Email))] : [upstream],
            document.License,
            hit.Upstream);
    }
}

internal sealed record NpmSearchLinks(string Npm, string? Homepage, string? Repository, string? Bugs);

internal sealed record NpmSearchPerson(string Username, string? Email)
{
    public static NpmSearchPerson? Of(Person? person) => person is null ? null : new NpmSearchPerson(person.Name, person.Email);
}

/// <summary>What to beware of; left out when there is nothing.</summary>
internal sealed record NpmSearchFlags(bool Unstable)
{
    public static NpmSearchFlags? Of(string version) => Facets.IsUnstable(version) ? new NpmSearchFlags(true) : null;
}

/// <summary>How well it matches, from 0 to 1. Quality, popularity and maintenance are not measured here, and so are 0.</summary>
internal sealed record NpmSearchScore(double Final, NpmSearchScoreDetail Detail)
{
    public static NpmSearchScore Of(double score) => new(Math.Round(score / (score + 10), 6), new NpmSearchScoreDetail(0, 0, 0));
}

internal sealed record NpmSearchScoreDetail(double Quality, double Popularity, double Maintenance);
