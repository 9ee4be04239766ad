namespace Registry.Architecture.Tests;

/// <summary>Sizes that keep a file readable in one go.</summary>
public sealed class BudgetTests
{
    private const int FileBudget = 300;

    /// <summary>Files that may be longer, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["tests/Gateway.Tests/Caching/PackumentMemoryTests.cs"] = "every way in which a fill, an eviction and the feed can overtake each other, side by side",
        ["tests/PackageService.Tests/Dialects/NpmReadTests.cs"] = "every read of the npm dialect against one published package",
        ["tests/PackageService.Tests/Publishing/Tarballs/TarballInspectorTests.cs"] = "one hostile tarball per test, built where it is refused",
    };

    [Fact]
    public void No_file_is_longer_than_its_budget() =>
        Repository.Sources
            .Where(file => !Exceptions.ContainsKey(file))
            .Select(file => (File: file, Lines: Lines(file)))
            .Where(found => found.Lines > FileBudget)
            .Select(found => $"{found.File}: {found.Lines} lines")
            .ShouldBeEmpty();

    [Fact]
    public void An_exception_that_is_no_longer_needed_is_removed() =>
        Exceptions.Keys.Where(file => Repository.Files.Contains(file) && Lines(file) <= FileBudget).ShouldBeEmpty();

    [Fact]
    public void A_service_starts_in_a_few_lines() =>
        Repository.Services.Keys.Select(service => $"{service}/Program.cs").Where(file => Lines(file) > 30).ShouldBeEmpty();

    [Theory]
    [InlineData("AppHost/AppHost.cs", 119)]
    [InlineData("CONVENTIONS.md", 70)]
    [InlineData("docs/architecture.md", 150)]
    public void A_page_to_be_read_as_a_whole_stays_short(string file, int lines) => Lines(file).ShouldBeLessThanOrEqualTo(lines);

    private static int Lines(string file) => Repository.Read(file).AsSpan().TrimEnd('\n').Count('\n') + 1;
}
