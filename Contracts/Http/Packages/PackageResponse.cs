namespace Registry.Contracts.Http.Packages;

/// <summary>A package, as <c>GET /api/v1/repositories/{repository}/packages/{name}</c> answers it.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Name">Full name.</param>
/// <param name="Description">The latest version's description.</param>
/// <param name="License">The latest version's licence.</param>
/// <param name="Homepage">The latest version's homepage.</param>
/// <param name="DistTags">Version by dist-tag.</param>
/// <param name="Versions">Every version, newest first by semver precedence.</param>
/// <param name="Maintainers">Who may publish.</param>
/// <param name="Restricted">Only some may read it.</param>
/// <param name="ModifiedAt">When it last changed, UTC.</param>
/// <param name="Readme">The latest version's readme, Markdown, at most 64 KiB.</param>
/// <param name="Upstream">The upstream that has it; null for a package published here.</param>
/// <param name="WeeklyDownloads">How often its tarballs were downloaded in the last seven days, today among them; null for a package of an upstream.</param>
public sealed record PackageResponse(
    string Repository,
    string Name,
    string? Description,
    string? License,
    string? Homepage,
    IReadOnlyDictionary<string, string> DistTags,
    IReadOnlyList<PackageVersionResponse> Versions,
    IReadOnlyList<Person> Maintainers,
    bool Restricted,
    DateTimeOffset ModifiedAt,
    string? Readme,
    string? Upstream = null,
    long? WeeklyDownloads = null);

/// <summary>One version of a package.</summary>
/// <param name="Version">The version.</param>
/// <param name="PublishedAt">When it was published, UTC.</param>
/// <param name="SizeBytes">Size of the tarball; 0 when an upstream has it and does not say.</param>
/// <param name="Integrity">The tarball's integrity (SHA-512, or what an upstream says; empty when it does not).</param>
/// <param name="Deprecated">Why it is deprecated; null when it is not.</param>
public sealed record PackageVersionResponse(
    string Version, DateTimeOffset PublishedAt, long SizeBytes, string Integrity, string? Deprecated);
