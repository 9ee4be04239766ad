using Registry.Contracts.Http.Packages;

namespace Registry.SearchService.Tests;

/// <summary>Documents as PackageService answers them.</summary>
internal static class Documents
{
    public static SearchDocumentResponse Of(
        string package, string? description = null, string repository = "main", long revision = 1, string[]? keywords = null, string[]? readers = null) =>
        new()
        {
            Repository = repository,
            Package = package,
            Revision = revision,
            Version = "1.2.3",
            Description = description,
            Keywords = keywords ?? [],
            License = "MIT",
            Author = "Ada",
            Homepage = "https://home.example.test",
            RepositoryUrl = "https://code.example.test",
            BugsUrl = "https://bugs.example.test",
            PublishedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Publisher = new Person("ada", "ada@example.test"),
            Maintainers = [new Person("ada", "ada@example.test"), new Person("bob", null)],
            Readers = readers ?? [SearchDocumentResponse.Everyone],
        };
}
