using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;

namespace Registry.PackageService.Dialects.Native;

/// <summary>What the web pages show of a package that an upstream has.</summary>
internal static class ProxiedPackagePage
{
    private const int MaxVersions = 1000;
    private const int MaxReadme = 64 * 1024;

    public static PackageResponse Of(string repository, PackageName name, Proxied.Found found, ProxiedDocument document)
    {
        var latest = document.Find(DistTagName.Latest.Value)?.Manifest ?? default;
        var changedAt = found.Known.ChangedAt ?? DateTimeOffset.UnixEpoch;
        return new PackageResponse(
            repository,
            name.Value,
            latest.Text("description"),
            latest.TextOrInner("license", "type"),
            latest.Text("homepage"),
            document.Tags.DistinctBy(static tag => tag.Tag).ToDictionary(static tag => tag.Tag, static tag => tag.Version),
            [.. VersionsOf(document, changedAt)],
            PeopleOf(document.Root),
            Restricted: false,
            document.PublishedAt("modified") ?? changedAt,
            document.Root.Text("readme") is { Length: > 0 } readme ? readme[..Math.Min(readme.Length, MaxReadme)] : null,
            found.Upstream.Name);
    }

    private static IEnumerable<PackageVersionResponse> VersionsOf(ProxiedDocument document, DateTimeOffset otherwise) =>
        document.Versions.Select(static version => SemVersion.Parse(version)).OrderDescending().Take(MaxVersions).Select(version =>
        {
            var manifest = document.Find(version.Value)!.Value.Manifest;
            return new PackageVersionResponse(
                version.Value, document.PublishedAt(version.Value) ?? otherwise, 0, manifest.GetProperty("dist").Text("integrity") ?? "", manifest.Text("deprecated"));
        });

    private static IReadOnlyList<Person> PeopleOf(JsonElement root) =>
        root.TryGetProperty("maintainers", out var people) && people.ValueKind == JsonValueKind.Array
            ? [.. people.EnumerateArray().Where(static person => person.Text("name") is not null).Select(static person => new Person(person.Text("name")!, person.Text("email")))]
            : [];
}
